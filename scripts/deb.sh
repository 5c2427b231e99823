#!/usr/bin/env bash
# A Debian package from one build: deb.sh BUILD VERSION. It lands in build/deb, and lintian must have nothing to say.
#
# The same sources and the same SOURCE_DATE_EPOCH (else: the last commit's time) give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: deb.sh BUILD VERSION}
version=${2:?usage: deb.sh BUILD VERSION}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/debian/starbind
doc=$root/usr/share/doc/starbind
umask 022

make -s install "VARIANT=$(basename "$build")" DESTDIR="$root" PREFIX=/usr UNITDIR=/lib/systemd/system \
    ZSHDIR=/usr/share/zsh/vendor-completions
strip --remove-section=.comment --remove-section=.note "$root/usr/sbin/starbind"
install -m 0644 etc/debian/copyright "$doc/copyright"
install -D -m 0644 etc/debian/lintian-overrides "$root/usr/share/lintian/overrides/starbind"
cat >"$doc/changelog" <<CHANGES
starbind ($version) stable; urgency=medium

  * The release that CHANGELOG.md tells of.

 -- $(sed -n 's/^Maintainer: //p' etc/debian/control)  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES
cp "$doc/changelog" "$stage/debian/changelog"
cp etc/debian/control "$stage/debian/control"
find "$root/usr/share/man" "$doc/changelog" -type f -exec gzip -9n {} +

install -d "$root/DEBIAN"
install -m 0755 etc/debian/postinst etc/debian/prerm etc/debian/postrm "$root/DEBIAN/"
(
    cd "$stage"
    dpkg-shlibdeps -O debian/starbind/usr/sbin/starbind 2>/dev/null >debian/substvars
    dpkg-gencontrol -pstarbind -Pdebian/starbind -Tdebian/substvars -fdebian/files
)
(cd "$root" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

mkdir -p build/deb
dpkg-deb --root-owner-group --build "$root" build/deb
lintian --fail-on warning,error --allow-root --tag-display-limit 0 "build/deb/starbind_${version}_$(dpkg --print-architecture).deb"
