"""The package manager of the machine."""

from guest.packages.apt import install as install
from guest.packages.apt_upgrade import upgrade_all as upgrade_all
