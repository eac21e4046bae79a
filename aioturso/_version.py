"""The version, which the package's metadata has from here: to read it there takes a tenth of an import."""

__version__ = "0.2.0"
