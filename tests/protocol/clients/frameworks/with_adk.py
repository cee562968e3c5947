"""Google's Agent Development Kit."""

from adapter import report, run
from google.adk.agents import LlmAgent
from google.adk.agents.invocation_context import InvocationContext
from google.adk.sessions import InMemorySessionService
from google.adk.tools import ToolContext
from google.adk.tools.mcp_tool import McpToolset, StreamableHTTPConnectionParams


async def main(url, headers):
    """List, convert and ask."""
    toolset = McpToolset(connection_params=StreamableHTTPConnectionParams(url=url, headers=headers))
    tools = {tool.name: tool for tool in await toolset.get_tools()}

    sessions = InMemorySessionService()
    invocation = InvocationContext(
        invocation_id="i",
        agent=LlmAgent(name="a"),
        session=await sessions.create_session(app_name="a", user_id="u"),
        session_service=sessions,
    )

    async def call(name, values):
        context = ToolContext(invocation, function_call_id=name)
        return await tools[name].run_async(args=values, tool_context=context)

    def declared():
        return [tool._get_declaration() for tool in tools.values()]

    await report(tools, {"Gemini": declared}, call)
    await toolset.close()


run(main)
