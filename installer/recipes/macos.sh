#!/bin/sh
# Not run yet. macos.sh: Kinecor.dmg of dist/Kinecor.app.
set -eu
# To sign: codesign --deep --options runtime --sign IDENTITY dist/Kinecor.app, then notarytool submit
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R dist/Kinecor.app "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -volname Kinecor -srcfolder "$folder" -ov -format UDZO Kinecor.dmg
shasum -a 256 Kinecor.dmg > Kinecor.dmg.sha256
