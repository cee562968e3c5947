"""LangChain's adapters, with the binding of every provider's package."""

import os

from adapter import report, run
from langchain_anthropic import ChatAnthropic
from langchain_aws import ChatBedrockConverse
from langchain_cohere import ChatCohere
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mistralai import ChatMistralAI
from langchain_openai import ChatOpenAI


async def main(url, headers):
    """List, convert and ask."""
    os.environ |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "x")
    server = {"transport": "streamable_http", "url": url, "headers": headers}
    tools = {t.name: t for t in await MultiServerMCPClient({"annulet": server}).get_tools()}
    models = {
        "OpenAI": lambda: ChatOpenAI(model="x", api_key="x"),
        "Gemini": lambda: ChatGoogleGenerativeAI(model="gemini-x", google_api_key="x"),
        "Anthropic": lambda: ChatAnthropic(model="claude-x", api_key="x"),
        "Bedrock": lambda: ChatBedrockConverse(
            model="anthropic.claude-3-x", region_name="us-east-1"
        ),
        "Mistral": lambda: ChatMistralAI(api_key="x"),
        "Cohere": lambda: ChatCohere(cohere_api_key="x", model="command-x"),
    }
    bound = {
        name: lambda new=new: new().bind_tools([*tools.values()]) for name, new in models.items()
    }
    strict = {
        "OpenAI strict": lambda: models["OpenAI"]().bind_tools([*tools.values()], strict=True)
    }
    await report(tools, bound | strict, lambda name, values: tools[name].ainvoke(values))


run(main)
