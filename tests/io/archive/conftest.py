"""Servers of these tests end at once."""

import socketserver

# How often a server looks whether it is to stop: half a second otherwise, which most of these tests would wait.
socketserver.BaseServer.serve_forever.__defaults__ = (0.01,)
