#!/bin/sh
# Not run yet. appimage.sh PACKAGE.deb: an AppImage of the Debian package, with the Python of this machine (3.11).
set -eu
package=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/Kinecor.AppDir
dpkg-deb -x "$package" "$root"
mkdir -p "$root/usr/lib"
cp /usr/bin/python3.11 "$root/usr/bin/python3.11"
cp -r /usr/lib/python3.11 "$root/usr/lib/python3.11"
cp "$root/usr/share/applications/kinecor.desktop" "$root/kinecor.desktop"
cp "$root/usr/share/icons/hicolor/scalable/apps/kinecor.svg" "$root/kinecor.svg"
cat > "$root/AppRun" <<'RUN'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
PYTHONHOME="$here/usr" PYTHONPATH="$here/opt/kinecor/lib" PYTHONNOUSERSITE=1 \
    exec "$here/usr/bin/python3.11" -P -m kinecor "$@"
RUN
chmod 755 "$root/AppRun"
# To sign: appimagetool --sign --sign-key KEY
ARCH=x86_64 appimagetool "$root" Kinecor-x86_64.AppImage
sha256sum Kinecor-x86_64.AppImage > Kinecor-x86_64.AppImage.sha256
