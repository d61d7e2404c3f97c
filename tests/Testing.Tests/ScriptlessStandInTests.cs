using Redlock.Fast.Testing;

namespace Redlock.Fast.Testing.Tests;

/// <summary>The commands that stand in for scripts, in memory and on a server that has them: every reply is the same.</summary>
public sealed class ScriptlessStandInTests
{
    private static readonly string[][] _conversation =
    [
        ["SET", "k", "v", "IFEQ", "v"],
        ["EXISTS", "k"],
        ["SET", "k", "v"],
        ["SET", "k", "w", "IFEQ", "x"],
        ["SET", "k", "v", "IFEQ", "v", "PX", "60000"],
        ["TTL", "k"],
        ["SET", "k", "w", "IFEQ", "v"],
        ["TTL", "k"],
        ["GET", "k"],
        ["SET", "k", "v", "IFEQ"],
        ["SET", "k", "v", "NX", "IFEQ", "v"],
        ["SET", "k", "v", "IFEQ", "w", "NX"],
        ["SET", "k", "v", "IFEQ", "w", "GET"],
        ["SET", "k", "v", "IFEQ", "w", "PX", "0"],
    ];

    private static readonly string[][] _ofValkey =
    [
        ["DELIFEQ", "k", "w"],
        ["DELIFEQ", "k", "v"],
        ["DELIFEQ", "k", "v"],
        ["EXISTS", "k"],
        ["DELIFEQ", "k"],
        ["DELIFEQ", "k", "v", "v"],
        ["DELEX", "k", "IFEQ", "v"],
    ];

    private static readonly string[][] _ofRedis =
    [
        ["DELEX", "k", "IFEQ", "w"],
        ["DELEX", "k", "IFEQ", "v"],
        ["DELEX", "k", "IFEQ", "v"],
        ["EXISTS", "k"],
        ["DELIFEQ", "k", "v"],
    ];

    [Theory]
    [InlineData(InMemoryScripting.ValkeyCommands)]
    [InlineData(InMemoryScripting.RedisCommands)]
    public async Task They_answer_alike(InMemoryScripting scripting)
    {
        InstalledRedis.Require();
        await using TempRedis server = await TempRedis.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Scripting = scripting });
        using RawClient real = RawClient.To(server.Endpoint);
        using RawClient standIn = RawClient.To(node.Endpoint);
        string[][] deletions = scripting == InMemoryScripting.ValkeyCommands ? _ofValkey : _ofRedis;
        Assert.SkipWhen(
            (await real.AskRawAsync(Frame(deletions[0]))).StartsWith("-ERR unknown", StringComparison.Ordinal),
            $"This server does not know {deletions[0][0]}: REDLOCK_TEST_SERVER_PROGRAM names another.");
        foreach (string[] command in (string[][])[.. _conversation, .. deletions])
        {
            string said = await real.AskRawAsync(Frame(command));
            Assert.Equal((string.Join(' ', command), said), (string.Join(' ', command), await standIn.AskRawAsync(Frame(command))));
        }
    }

    [Theory]
    [InlineData(InMemoryScripting.ValkeyCommands)]
    [InlineData(InMemoryScripting.RedisCommands)]
    [InlineData(InMemoryScripting.Nothing)]
    public async Task Scripts_are_unknown(InMemoryScripting scripting)
    {
        await using InMemoryNode node = InMemoryNode.Start(new InMemoryNodeOptions { Scripting = scripting });
        using RawClient client = RawClient.To(node.Endpoint);
        foreach (string[] command in (string[][])[["EVAL", "return 1", "0"], ["EVALSHA", "x", "0"], ["SCRIPT", "LOAD", "return 1"]])
        {
            Assert.StartsWith($"-ERR unknown command '{command[0]}'", await client.AskRawAsync(Frame(command)), StringComparison.Ordinal);
        }
    }

    private static string Frame(string[] words) =>
        $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}";
}
