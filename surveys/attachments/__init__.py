"""Attachments: images and documents that information shows, cleaned before they are kept."""
