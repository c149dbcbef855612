"""A limit on the size of uploaded files, kept while they arrive."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedUploadHandler(FileUploadHandler):
    """Passes every chunk on, and ends the request once its files exceed UPLOAD_MAX_SIZE bytes together."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count `raw_data` and hand it to the next handler; RequestDataTooBig above the limit."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_SIZE:
            # Half-received files are closed and removed now, not when they are next thought of.
            for handler in self.request.upload_handlers if self.request else ():
                handler.upload_interrupted()
            raise RequestDataTooBig("The uploaded files are too big.")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
