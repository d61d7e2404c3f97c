using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Only a server that runs no scripts is asked for more, and wherever that breaks off, the node comes back or says why it does not.
public sealed class SubstituteHandshakeTests
{
    private static readonly RespNodeOptions Options = new()
    {
        Scripts = [RedlockScripts.Release],
        ClientName = null,
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(2),
    };

    private static readonly string[] Asked = ["SCRIPT", "EVAL", "EVALSHA", "DELIFEQ", "DELEX", "SET"];

    [Fact]
    public async Task A_server_that_runs_scripts_is_not_asked_for_more()
    {
        List<string> commands = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, commands, command => command switch
        {
            "SCRIPT" => $"$40\r\n{RedlockScripts.Release.Sha1}\r\n",
            "EVAL" or "EVALSHA" => ":1\r\n",
            _ => null,
        }));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        Assert.Equal([.. Asked[..3], "ECHO"], commands);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task What_it_has_is_used_on_the_connection_that_told_it(ScriptedTransport transport)
    {
        List<string> commands = [];
        await using ScriptedServer server = new(transport, peer => AnswerAsync(peer, commands, OfValkey));
        using RespNode node = new(server.Dialer, Options);
        OutcomeRecorder outcomes = new();
        RespTicket early = node.TrySend(Release, new RespRequest
        {
            Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue, Script = RedlockScripts.Release,
        });
        await AssertWorksAsync(node);

        // A script that is prepared now is not asked for: it is known that none runs.
        node.Prepare(FencingScripts.Take);
        await AssertWorksAsync(node);
        Assert.True(early.IsTaken);
        Assert.Equal(0, Assert.Single(outcomes.Told).Reply.Integer);
        Assert.Equal([.. Asked, "DELIFEQ", "ECHO", "ECHO"], commands);
        Assert.Equal(1, server.Dials);
    }

    [Fact]
    public async Task A_connection_that_is_closed_at_the_question_is_refused_with_that_reason()
    {
        await using ScriptedServer server = new(
            ScriptedTransport.Tcp, peer => AnswerAsync(peer, [], command => command == "DELIFEQ" ? null : OfValkey(command)));
        using RespNode node = new(server.Dialer, Options);
        await Eventually.Holds(
            () => node.LastError?.Contains("it closed the connection when it was asked for DELIFEQ", StringComparison.Ordinal) == true,
            "it says so");
        Assert.Contains("the node runs no scripts for this client: ", node.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_connection_cut_at_any_byte_of_it_is_made_again(ScriptedTransport transport)
    {
        string whole = string.Concat(Asked.Select(OfValkey));
        int beforeQuestions = string.Concat(Asked[..3].Select(OfValkey)).Length;
        int cuts = whole.Length - beforeQuestions;
        await using ScriptedServer server = new(transport, async peer =>
        {
            // The step at which it was cut is left out of the next one, which is refused; the one after that asks again.
            if (peer.Number % 2 == 0 || peer.Number / 2 >= cuts)
            {
                await AnswerAsync(peer, [], OfValkey);
                return;
            }

            int left = beforeQuestions + (peer.Number / 2);
            while (left > 0 && await peer.ReadAsync() is { } command && OfValkey(command[0]) is { } answer)
            {
                await peer.WriteAsync(answer[..Math.Min(left, answer.Length)]);
                left -= answer.Length;
            }
        });
        using RespNode node = new(server.Dialer, Options);
        await Eventually.Holds(() => server.Dials > 2 * cuts && node.IsConnected, "every cut was made");
        await AssertWorksAsync(node);
    }

    private static byte[] Release => Sending.Frame("EVALSHA", RedlockScripts.Release.Sha1, "1", "door", "owner");

    private static string? OfValkey(string command) => command switch
    {
        "SCRIPT" or "EVAL" or "EVALSHA" => "-NOPERM User w has no permissions to run the command\r\n",
        "DELIFEQ" => ":0\r\n",
        "DELEX" => "-ERR unknown command 'DELEX'\r\n",
        "SET" => "$-1\r\n",
        _ => null,
    };

    // Answers what is known, echoes, and hangs up at all else.
    private static async Task AnswerAsync(ScriptedPeer peer, List<string> commands, Func<string, string?> answerTo)
    {
        while (await peer.ReadAsync() is { } command)
        {
            commands.Add(command[0]);
            string? answer = command[0] == "ECHO" ? $"${command[1].Length}\r\n{command[1]}\r\n" : answerTo(command[0]);
            if (answer is null)
            {
                return;
            }

            await peer.WriteAsync(answer);
        }
    }

    private static async Task AssertWorksAsync(RespNode node) =>
        Assert.Equal("again", (await Eventually.Answered(node, "ECHO", "again")).AsString());
}
