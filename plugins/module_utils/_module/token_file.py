# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a file with a content token, where the name of the file may be the token itself by mistake."""

from __future__ import annotations

import os
from typing import Callable

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import TokenError, may_be_a_token
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableText, read_text


def read_token_file(path: str, source: str, hide: Callable[[str], None]) -> str:
    """
    :param source: where the token comes from, for messages
    :param hide: told of a path that must not be shown
    :raises TokenError: there is no text to be had from the file
    """
    try:
        return read_text(path)
    except UnreadableText as error:
        hint = None
        if is_named_like_a_token(path):
            hide(path)
            source, hint = source.replace(path, "(not shown)"), "If this is the token itself, give it as content_token."
        raise TokenError(f"The content token from {source} cannot be read: {error.reason}.", hint) from None


def is_named_like_a_token(path: str) -> bool:
    """Whether what of a path does not exist may be a token, or a part of one."""
    return may_be_a_token(_missing_part(path))


def _missing_part(path: str) -> str:
    """What of a path does not exist."""
    folder = os.path.abspath(path)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.path.abspath(path)[len(folder):]
