"""The console and the API: an application over one home, served by ``fengping serve``.

A router of the API is a module of ``web/api`` with ``router``; a page is a module of ``web/pages`` with
``router`` and a template of its name. Both are found by themselves: adding one is a file.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.web.app import make_app
else:
    __getattr__ = front_door(__name__)
