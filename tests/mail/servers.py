"""Runs real mail servers on loopback, each in a folder of its own: Postfix, and Dovecot with Pigeonhole."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCAL = "127.0.0.1"
PACKAGES = "postfix, dovecot-core, dovecot-imapd, dovecot-lmtpd and dovecot-sieve"
MAIL_UID = 65_500
"""The account that owns the mailboxes: any number that is nobody else's."""

STARTS_WITHIN = 30


class NoMailServers(Exception):
    """There can be no mail servers here, and the message says how to mend it."""


def demand_mail_servers(*programs: str) -> None:
    """Raise NoMailServers unless the programs are there and may be started."""
    missing = [name for name in programs if find_program(name) is None]
    if missing:
        raise NoMailServers(f"no {', '.join(missing)}: install the Debian packages {PACKAGES}")
    if os.geteuid() != 0:
        raise NoMailServers("mail servers change their accounts, which only root can let them: run as root")
    said = subprocess.run([find_program("dovecot") or "", "--version"], capture_output=True, text=True, check=False)
    if not said.stdout.startswith("2.3."):
        raise NoMailServers(f"the configuration here is for Dovecot 2.3, and this is {said.stdout.strip()}")


def find_program(name: str) -> str | None:
    """Find a program that may stand where only root looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_ports(count: int) -> list[int]:
    """Find so many different ports that nobody uses."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOCAL, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def server_folder() -> Iterator[Path]:
    """Make a folder through which the accounts of mail servers may pass, and remove it with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="article17-mail-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Program:
    """One server as a process that does not outlive us."""

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: list[str], ports: list[int]) -> None:
        """Start it, and wait until it takes connections at each of its ports."""
        # Should this process be killed, the kernel stops the server.
        tied = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                tied, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            if all(_answers(port) for port in ports):
                return
            time.sleep(0.02)
        self.stop()
        raise NoMailServers(f"{self.name} did not start: {self.log.read_text(errors='replace')[-800:]}")

    def stop(self) -> None:
        """Stop it with all its children."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        self._process = None


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOCAL, port), timeout=1):
        return True
    return False


MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

QUICK = {
    "delay_warning_time": "2s",
    "bounce_queue_lifetime": "6s",
    "maximal_queue_lifetime": "6s",
    "queue_run_delay": "1s",
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "1s",
    "transport_retry_time": "1s",
}
"""Hours and days of a real relay, in seconds."""


class Postfix:
    """One instance of Postfix that looks nothing up in the DNS and has no local users."""

    def __init__(self, name: str, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        self.name, self.port = name, port
        self._folder = folder / name
        self._log = self._folder / "maillog"
        self._program = Program(f"Postfix {name}", self._log)
        self._settings = settings

    def start(self) -> None:
        """Write its configuration and start it."""
        if not self._folder.exists():
            self._write()
        daemons = self._ask("postconf", "-h", "daemon_directory").strip()
        self._ask("postfix", "check")
        self._program.start([f"{daemons}/master", "-c", str(self._folder / "etc"), "-d"], [self.port])

    def stop(self) -> None:
        """Stop it; what is in its queue stays there."""
        self._program.stop()

    def queue(self) -> list[str]:
        """List the mails it still has, one line of JSON for each."""
        return self._ask("postqueue", "-j").splitlines()

    def _write(self) -> None:
        etc = self._folder / "etc"
        etc.mkdir(parents=True)
        for name in ("queue", "data"):
            (self._folder / name).mkdir()
        shutil.chown(self._folder / "data", "postfix", "postfix")
        settings = {
            "compatibility_level": "3.6",
            "multi_instance_name": f"postfix-{self.name}",
            "queue_directory": str(self._folder / "queue"),
            "data_directory": str(self._folder / "data"),
            "maillog_file": str(self._log),
            "maillog_file_prefixes": str(self._folder),
            "myhostname": f"{self.name}.test",
            "mydestination": "",
            "local_transport": "error:no local delivery",
            "local_recipient_maps": "",
            "alias_maps": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": LOCAL,
            "inet_protocols": "ipv4",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "smtputf8_enable": "yes",
            "smtpd_peername_lookup": "no",
            **QUICK,
            **self._settings,
        }
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (etc / "main.cf").write_text(text, encoding="utf-8")
        (etc / "master.cf").write_text(MASTER.format(port=f"{LOCAL}:{self.port}"), encoding="utf-8")

    def _ask(self, program: str, *arguments: str) -> str:
        command = [find_program(program) or program, "-c", str(self._folder / "etc"), *arguments]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=STARTS_WITHIN)
        if answer.returncode != 0:
            raise NoMailServers(f"{' '.join(command)} failed: {answer.stderr[-800:]}")
        return answer.stdout


DOVECOT = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
instance_name = article17-test
log_path = {folder}/log
first_valid_uid = {uid}
first_valid_gid = {uid}
mail_location = maildir:~/Maildir
mail_fsync = never
auth_mechanisms = plain login
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = no
recipient_delimiter = +
auth_failure_delay = 0
submission_host = 127.0.0.1:{submission_port}
postmaster_address = postmaster@gov.test
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={folder}/homes/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
{more}
"""


class Dovecot:
    """A mailbox server: LMTP, IMAP with and without TLS, and sieve scripts; each user has the same password."""

    password = "let-me-in-please"

    def __init__(
        self,
        folder: Path,
        lmtp_port: int,
        imap_port: int,
        imaps_port: int,
        *,
        submission_port: int = 25,
        more: str = "",
    ) -> None:
        self.lmtp_port, self.imap_port, self.imaps_port, self._more = lmtp_port, imap_port, imaps_port, more
        self._folder = folder / "dovecot"
        self.ca_file = self._folder / "ca.pem"
        self._program = Program("Dovecot", self._folder / "log")
        self._submission_port = submission_port

    def start(self) -> None:
        """Write its configuration and start it."""
        if not self._folder.exists():
            self._write()
        program = find_program("dovecot") or "dovecot"
        ports = [self.lmtp_port, self.imap_port, self.imaps_port]
        self._program.start([program, "-F", "-c", str(self._folder / "dovecot.conf")], ports)

    def stop(self) -> None:
        """Stop it; the mailboxes stay."""
        self._program.stop()

    def mailbox(self, user: str) -> Path:
        """Give the Maildir of a user."""
        return self._folder / "homes" / user / "Maildir"

    def add_script(self, user: str, script: str) -> None:
        """Let a sieve script of a user run for each mail that comes in."""
        home = self._folder / "homes" / user
        home.mkdir(parents=True)
        (home / ".dovecot.sieve").write_text(script, encoding="utf-8")
        for path in (home, home / ".dovecot.sieve"):
            os.chown(path, MAIL_UID, MAIL_UID)

    def _write(self) -> None:
        homes = self._folder / "homes"
        homes.mkdir(parents=True)
        os.chown(homes, MAIL_UID, MAIL_UID)
        write_certificate(self._folder / "server.pem", self.ca_file)
        text = DOVECOT.format(
            folder=self._folder,
            uid=MAIL_UID,
            password=self.password,
            lmtp_port=self.lmtp_port,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port,
            submission_port=self._submission_port,
            more=self._more,
        )
        (self._folder / "dovecot.conf").write_text(text, encoding="utf-8")


def write_certificate(server: Path, authority: Path) -> None:
    """Write a certificate for `localhost` that vouches for itself: with its key, and without."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM)
    authority.write_bytes(text)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server.write_bytes(text + private)
