#!/bin/sh
# Installs what the measurements compare with, where it is missing. Quick when nothing is.
# It asks no questions and must be root on a Debian to install anything.
set -eu
exec </dev/null

missing=
need() {
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need ansible-playbook ansible-core
need python3 python3
need ssh openssh-client
need ldapsearch ldap-utils
need xargs findutils

if [ -z "$missing" ]; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || [ ! -f /etc/debian_version ]; then
  echo "The measurements need these packages (names as in Debian), which are not installed:$missing" >&2
  exit 1
fi
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
echo "installing$missing" >&2
apt-get update -q >&2
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing >&2
