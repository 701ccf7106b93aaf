"""Chooses where the bytes of attachments are kept: in a folder, or in an object store, as the settings say."""

from __future__ import annotations

from adapters.attachments import FolderFiles, ObjectStore, ObjectStoreFiles, Scanner
from adapters.attachments.signature import Credentials
from adapters.settings import InvalidSettings, Settings
from notify.ports import AttachmentFiles


def attachment_files(settings: Settings) -> AttachmentFiles:
    """Open the store of attachments; raise InvalidSettings when its key is missing."""
    scanner = None
    if settings.attachments_scan_command:
        scanner = Scanner(settings.attachments_scan_command, float(settings.attachments_scan_seconds))
    if settings.attachments_url is None:
        return FolderFiles(settings.attachments_dir, scanner)
    if settings.attachments_access_key is None or settings.attachments_secret_key is None:
        raise InvalidSettings(["ARTICLE17_ATTACHMENTS_ACCESS_KEY and …_SECRET_KEY: are needed with …_ATTACHMENTS_URL"])
    credentials = Credentials(
        settings.attachments_access_key,
        settings.attachments_secret_key.get_secret_value(),
        settings.attachments_region,
    )
    return ObjectStoreFiles(ObjectStore(settings.attachments_url, credentials), settings.attachments_dir, scanner)
