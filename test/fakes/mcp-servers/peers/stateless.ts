// A program that is an MCP server of the stateless generation. Run as `node stateless.ts`.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createStatelessServer } from '../stateless-server.ts';

serveStdio(createStatelessServer);
