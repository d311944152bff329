#!/bin/sh
# Installs Debian packages without starting their services. Run as root: sh install.sh PACKAGE...
set -eu
export DEBIAN_FRONTEND=noninteractive

# Debian asks this file before it starts a service; 101 means "not now". It exists only while we install.
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
    trap 'rm -f "$guard"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$guard"
    chmod 755 "$guard"
fi

apt-get update -q
apt-get install -y -q --no-install-recommends "$@"
