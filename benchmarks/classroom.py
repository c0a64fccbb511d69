"""Students at one Jupyter server, without browsers: notebooks run over the server's own REST and websocket channels, as JupyterLab does.

A `Student` has a folder of its own, a kernel, and the notebook as the browser would hold it. `class_of_ten.py` measures with it, and a
test kills a kernel with it.
"""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

import nbformat
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 1800  # seconds until a request counts as never answered; a loaded machine is slow


class KernelDied(Exception):
    """The kernel went away while a cell was running, and the server started a new one."""


async def enter(address):
    """Fetch the page as a browser does first; returns the headers that prove it in later requests."""
    answer = await AsyncHTTPClient().fetch(f"{address}/lab", request_timeout=PATIENCE)
    cookies = SimpleCookie(";".join(answer.headers.get_list("Set-Cookie")))
    return {"Cookie": f"_xsrf={cookies['_xsrf'].value}", "X-XSRFToken": cookies["_xsrf"].value}


async def call(address, headers, method, path, body=None):
    """One REST request; returns what the answer holds."""
    data = None if body is None else json.dumps(body)
    options = {"body": data, "headers": headers, "request_timeout": PATIENCE, "allow_nonstandard_methods": True}
    request = HTTPRequest(f"{address}/api/{path}", method=method, **options)
    answer = await AsyncHTTPClient().fetch(request)
    return json.loads(answer.body) if answer.body else None


@dataclass
class Student:
    """One student: the server's address and what opens it, the path of the notebook there, and the notebook as the browser holds it."""

    address: str
    headers: dict
    path: str
    notebook: nbformat.NotebookNode
    kernel: str = ""
    session: str = ""
    channel: object = None
    received: int = 0  # bytes that came over the channel
    comms: dict = field(default_factory=dict)  # widgets that the kernel opened, {comm id: state}

    async def open(self):
        """Save the notebook on the server and start a kernel for it."""
        await self.save()
        body = {"path": self.path, "name": self.path, "type": "notebook", "kernel": {"name": "python3"}}
        answer = await call(self.address, self.headers, "POST", "sessions", body)
        self.session, self.kernel = answer["id"], answer["kernel"]["id"]
        url = f"{self.address.replace('http', 'ws', 1)}/api/kernels/{self.kernel}/channels?session_id={uuid.uuid4().hex}"
        self.channel = await websocket_connect(HTTPRequest(url, headers=self.headers, request_timeout=PATIENCE))
        return self

    async def save(self):
        """Put the notebook as it is now on the server; no kernel takes part."""
        await call(
            self.address, self.headers, "PUT", f"contents/{self.path}", {"type": "notebook", "format": "json", "content": self.notebook}
        )

    async def saved(self):
        """The notebook as the server has it."""
        return nbformat.from_dict((await call(self.address, self.headers, "GET", f"contents/{self.path}"))["content"])

    async def close(self):
        """End the session and its kernel."""
        self.channel.close()
        await call(self.address, self.headers, "DELETE", f"sessions/{self.session}")

    async def send(self, kind, content, channel="shell"):
        """Send a message; returns its id."""
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "username": "", "session": self.kernel, "date": "", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel, "buffers": []}
        await self.channel.write_message(json.dumps(message))
        return name

    async def messages(self, parent):
        """The messages that answer one of ours, until the kernel is idle again."""
        while True:
            raw = await asyncio.wait_for(self.channel.read_message(), PATIENCE)
            if raw is None:
                raise ConnectionError("the server closed the channel")
            self.received += len(raw)
            if isinstance(raw, bytes):  # with buffers: behind their number and offsets the message comes first
                start, end = (int.from_bytes(raw[4 * k : 4 * k + 4], "big") for k in (1, 2))
                raw = raw[start:end]
            message = json.loads(raw)
            content, kind = message["content"], message["msg_type"]
            if kind == "status" and content["execution_state"] in ("restarting", "autorestarting"):
                raise KernelDied(self.kernel)
            if kind == "comm_open" and "_model_name" in content["data"].get("state", {}):
                self.comms[content["comm_id"]] = content["data"]["state"]
            if message["parent_header"].get("msg_id") != parent:
                continue
            yield kind, content
            if kind == "status" and content["execution_state"] == "idle":
                return

    async def execute(self, code):
        """Run code; returns its outputs as a notebook stores them. RuntimeError when it raises an error."""
        outputs, failed = [], ""
        request = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        async for kind, content in self.messages(await self.send("execute_request", request)):
            if kind in ("stream", "display_data", "execute_result"):
                outputs.append(nbformat.v4.new_output(kind, **{key: content[key] for key in content if key != "transient"}))
            elif kind == "error":
                failed = f"{content['ename']}: {content['evalue']}"
        if failed:
            raise RuntimeError(f"{self.path}: {failed}")
        return outputs

    async def printed(self, code):
        """What code prints."""
        return "".join(output["text"] for output in await self.execute(code) if output["output_type"] == "stream").strip()

    async def run_all(self):
        """Run every cell and keep the outputs, as `Run All Cells` does."""
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = await self.execute(cell.source)
        await self.save()

    async def move(self, comm, **state):
        """Change traits of a widget, as a slider does, and wait until the kernel has done with it."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        async for _ in self.messages(await self.send("comm_msg", {"comm_id": comm, "data": data})):
            pass

    async def process(self):
        """The kernel's process."""
        return psutil.Process(int(await self.printed("import os; print(os.getpid())")))


async def seat(address, folder, source, count):
    """Students side by side, each with a copy of the notebook in a book folder of their own, and a kernel each."""
    headers, students = await enter(address), []
    for number in range(count):
        path = f"student-{number}/my-book/{Path(source).name}"
        (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
        students.append(Student(address, headers, path, nbformat.read(source, as_version=4)))
    return await asyncio.gather(*(student.open() for student in students))
