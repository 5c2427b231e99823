"""The FE emulator: StarRocks frontends for tests, with a MariaDB behind them.  docs/fe-emulator.md"""
