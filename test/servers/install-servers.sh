#!/bin/sh
# Installs the servers and shells that the tests run against, where they are missing. Quick when nothing is.
# It asks no questions, starts no service, and must be root on a Debian to install anything.
set -eu
exec </dev/null

missing=
# A program that must be found, and the Debian package it comes with.
need() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need sshd openssh-server
need ssh-keygen openssh-client
need ssh-agent openssh-client
need slapd slapd
need ns-slapd 389-ds-base
need dscreate python3-lib389
need openssl openssl
need ldapsearch ldap-utils
need ps procps
need mksh mksh
need busybox busybox-static
need ksh93 ksh93u+m
need yash yash
need dash dash
need bash bash
need unshare util-linux
need setpriv util-linux
need flock util-linux
need hostname hostname
need tmux tmux
need chromium chromium
need xmllint libxml2-utils
need git git
need spin spin
need gcc gcc
need jq jq
# gitlab-ci-local copies the checkout with it.
need rsync rsync
need zsh zsh
need fish fish
need mandoc mandoc
need groff groff-base
need shellcheck shellcheck
need systemd-analyze systemd
# Its launcher looks for Java here, wherever else there is one.
need /usr/lib/jvm/default-java/bin/java default-jre-headless
need groovy groovy
# Cyrus wants something that sends mail: this one is no server.
need sendmail dma
need /usr/lib/cyrus/bin/httpd cyrus-caldav
need saslpasswd2 sasl2-bin
need setfattr attr
need sudo sudo
need doas opendoas
need su util-linux
need setfacl acl
need promtool prometheus

if [ -z "$missing" ]; then
  exit 0
fi
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
if [ "$(id -u)" != 0 ] || [ ! -f /etc/debian_version ]; then
  echo "The tests need these packages (names as in Debian), which are not installed:" >&2
  echo "    $missing" >&2
  echo "They can be installed by root on Debian with:" >&2
  echo "    apt-get install -y --no-install-recommends $missing" >&2
  exit 1
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  # Else Debian starts every server that it installs.
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
echo "installing $missing" >&2
apt-get update -q >&2
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold $missing >&2

# Of its own accord Cyrus would be a mail server from the next boot on. (The tests start one of their own.)
case $missing in
*cyrus-caldav*) systemctl disable -q cyrus-imapd >&2 || true ;;
esac
# Of this package only promtool is used.
case $missing in
*prometheus*) systemctl disable -q prometheus >&2 || true ;;
esac
