"""The package manager of the machine."""

from guest.packages.apt import install as install
