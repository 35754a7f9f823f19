#!/bin/sh
# Lays out all that a program needs to run in a file system of its own: itself, the libraries that it links, certificates of
# authorities, and a user who owns nothing. No shell, no package manager, nothing that could be run but the program.
#
#   rootfs.sh PROGRAM FOLDER
#
# `cargo xtask test --only deploy` makes one and runs the program in it.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: rootfs.sh PROGRAM FOLDER" >&2
    exit 64
fi
program=$1
root=$2

mkdir -p "$root/etc/ssl/certs" "$root/tmp" "$root/usr/local/bin" "$root/var/lib/drawbridge"
install -m 755 "$program" "$root/usr/local/bin/"

# Lines of ldd: `libssl.so.3 => /lib/… (0x…)`, and the loader by itself.
ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\).*/\1/p' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'drawbridge:x:65532:65532::/:/sbin/nologin' > "$root/etc/passwd"
echo 'drawbridge:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"
# Where a snapshot of the issuer's keys may be kept: auth.jwks.snapshot_file. Nobody else reads it.
chmod 700 "$root/var/lib/drawbridge"
if [ "$(id -u)" = 0 ]; then
    chown 65532:65532 "$root/var/lib/drawbridge"
fi
