"""Keeps the bytes of attachments: in a folder, or in an S3-compatible object store; scanned on their way in."""

from __future__ import annotations

from adapters.attachments.folder import FolderFiles
from adapters.attachments.incoming import Scanner
from adapters.attachments.object_store import ObjectStore, ObjectStoreFiles

__all__ = ["FolderFiles", "ObjectStore", "ObjectStoreFiles", "Scanner"]
