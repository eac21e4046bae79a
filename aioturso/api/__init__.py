"""One module per resource, with the names of `aioturso.models`."""
