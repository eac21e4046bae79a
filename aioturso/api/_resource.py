"""The base of all resources: each holds the calls of one organization, and never the client."""

from attrs import define

from .._calls import Calls


@define(eq=False)
class Resource:
    """Methods of one resource, for one organization."""

    _calls: Calls
