# shellcheck shell=bash
# Finds the Rust toolchain for a user whose HOME has none: that of the cargo on the path, which
# rustup has installed as RUST/.cargo/bin/cargo, with the toolchains in RUST/.rustup. To be sourced.
find_rust() {
  local cargo
  cargo=$(command -v cargo) || return 0 # its absence is reported with the other programs
  cargo=${cargo%/bin/cargo}
  if [[ -z ${RUSTUP_HOME:-} && ! -d $HOME/.rustup && -d ${cargo%/*}/.rustup ]]; then
    export RUSTUP_HOME=${cargo%/*}/.rustup
  fi
  if [[ -z ${CARGO_HOME:-} && ! -d $HOME/.cargo && -w $cargo/registry ]]; then
    export CARGO_HOME=$cargo
  fi
}
