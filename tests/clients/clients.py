"""The clients of the matrix: what each is made by, how it is run, which steps it can't do.

A client is a program that is told in SB_… where to go (stage.py) and prints what it saw (python/report.py says how)."""

import dataclasses

import toolchains
from checks import STEPS

DEBIAN = "/usr/bin/python3"  # with Debian's modules


@dataclasses.dataclass
class Client:
    name: str
    tools: str  # a tool chain of toolchains.py
    command: list  # "{build}" stands for the tool chain's folder
    lacks: tuple = ()  # steps
    why: str = ""  # it lacks them
    environment: dict = dataclasses.field(default_factory=dict)

    @property
    def steps(self):
        return [step for step in STEPS if step not in self.lacks]

    def run(self, kind, stage):
        """Runs it against one gateway: the output of the finished process."""
        build = toolchains.folder(self.tools)
        command = [part.format(build=build, here=toolchains.HERE) for part in self.command]
        environment = {name: text.format(build=build) for name, text in self.environment.items()}
        return toolchains.run(*command, environment={**stage.address(kind), **environment}, cwd=stage.folder)


def dbapi(name, driver, tools, command=DEBIAN, **more):
    return Client(name, tools, [command, "{here}/python/dbapi.py", driver], **more)


CLIENTS = [
    dbapi("PyMySQL", "pymysql", "pymysql", lacks=("reset",), why="has no call for it"),
    dbapi("mysqlclient", "mysqldb", "mysqldb"),
]
