"""Programs of their own are no modules with doctests: one is for the system's Python, which alone has GStreamer."""

collect_ignore = ["rtsp_server_program.py", "daemon_program.py"]
