#!/bin/sh
# The stand-in's bin/pythonX.Y: answers for its version itself, and otherwise
# runs the machine's own Python as this environment (see pyvenv.cfg beside bin).
case ${1-} in
    -V | --version | -VV) echo "Python @VERSION@"; exit 0 ;;
esac
self=$(readlink -f -- "$0")
exec "${self%/*}/.python-host" "$@"
