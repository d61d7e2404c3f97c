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
        const string Reason = "it closed the connection when it was asked for DELIFEQ";
        string? error = null;
        await Eventually.Holds(
            () => (error = node.LastError)?.Contains(Reason, StringComparison.Ordinal) == true, "it says so");
        Assert.Contains("the node runs no scripts for this client: ", error, StringComparison.Ordinal);
    }

    // What was cut off at a question is not asked it again, so nothing says that it runs scripts: it is not taken for granted.
    [Theory]
    [InlineData("EVAL")]
    [InlineData("EVALSHA")]
    [InlineData("SCRIPT", "EVAL")]
    [InlineData("SCRIPT", "EVALSHA")]
    [InlineData("EVAL", "EVALSHA")]
    [InlineData("SCRIPT", "EVAL", "EVALSHA")]
    public async Task Where_nothing_says_that_scripts_are_run_what_can_stand_in_is_asked_for(params string[] cuts)
    {
        List<string> commands = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, commands, command =>
            peer.Number <= cuts.Length && command == cuts[peer.Number - 1] ? null
            : command == "SCRIPT" ? $"$40\r\n{RedlockScripts.Release.Sha1}\r\n"
            : OfValkey(command)));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        Assert.Equal(cuts.Length + 1, server.Dials);
        Assert.Equal(0, (await ReleaseAsync(node)).Integer);
        Assert.Equal("DELIFEQ", commands[^1]);
    }

    // A step that was left out says nothing against a server that has answered another.
    [Theory]
    [InlineData("EVAL")]
    [InlineData("EVALSHA")]
    [InlineData("SCRIPT", "EVAL")]
    public async Task A_server_that_has_shown_that_it_runs_scripts_is_asked_for_nothing_in_their_place(params string[] cuts)
    {
        List<string> commands = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, commands, command =>
            peer.Number <= cuts.Length && command == cuts[peer.Number - 1] ? null : OfRedis(command)));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        Assert.Equal(cuts.Length + 1, server.Dials);
        Assert.DoesNotContain("DELIFEQ", commands);
    }

    [Fact]
    public async Task Where_nothing_stands_in_a_server_that_closes_at_questions_is_guessed_to_run_scripts()
    {
        List<string> commands = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, commands, command =>
            command == "PING" ? "+PONG\r\n" : commands.FindAll(one => one == command).Count == 1 ? null : OfRedis(command)));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        Assert.Equal(["SCRIPT", "EVAL", "EVALSHA", "PING", "DELIFEQ", "PING", "ECHO"], commands);
        Assert.Equal(1, (await ReleaseAsync(node)).Integer);
        Assert.Equal("EVALSHA", commands[^1]);
    }

    [Fact]
    public async Task A_script_that_is_prepared_while_the_handshake_finds_out_costs_no_connection()
    {
        TaskCompletionSource mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<string> commands = [];
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            await mayAnswer.Task;
            await AnswerAsync(peer, commands, OfValkey);
        });
        using RespNode node = new(server.Dialer, Options);
        await Eventually.Holds(() => server.Dials == 1, "it is dialed");
        node.Prepare(RedlockScripts.Extend);
        mayAnswer.SetResult();
        await AssertWorksAsync(node);
        Assert.Equal(0, (await ReleaseAsync(node)).Integer);
        Assert.Equal(1, server.Dials);
    }

    // An access list changes under the connection.
    [Theory]
    [InlineData("DELIFEQ", "-NOPERM User w has no permissions to run the 'delifeq' command\r\n", 2)]
    [InlineData("DELIFEQ", "-ERR unknown command 'DELIFEQ', with args beginning with: \r\n", 2)]
    [InlineData("DELIFEQ", "-NOPERM No permissions to access a key\r\n", 1)]
    [InlineData("DELIFEQ", "-LOADING in a moment\r\n", 1)]
    [InlineData("EVALSHA", "-NOPERM ACL failure in script: User w has no permissions to run the 'get' command\r\n", 1)]
    [InlineData("EVALSHA", "-NOPERM User w has no permissions to run the 'evalsha' command\r\n", 2)]
    public async Task What_is_taken_away_is_found_out_by_a_new_connection(string command, string refusal, int dials)
    {
        bool isRefused = false;
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, [], asked =>
            asked == command && isRefused && peer.Number == 1 ? refusal
            : asked == "EVAL" && isRefused && peer.Number == 1 ? refusal
            : command == "EVALSHA" && peer.Number == 1 ? OfRedis(asked)
            : OfValkey(asked)));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        isRefused = true;
        Assert.True((await ReleaseAsync(node)).IsError);
        await Eventually.Holds(() => server.Dials == dials && node.IsConnected, "found out");
        Assert.Equal(dials == 2, node.LastError?.Contains("for this client any more; the address is dialed again.") == true);
        isRefused = false;
        Assert.Equal(command == "EVALSHA" && dials == 1 ? 1 : 0, (await ReleaseAsync(node)).Integer);
        Assert.Equal(dials, server.Dials);
    }

    // That no command stands in for a script is known, and said to whoever runs it, again and again.
    [Fact]
    public async Task A_refusal_of_what_nothing_stands_in_for_ends_no_connection()
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, [], OfValkey));
        using RespNode node = new(server.Dialer, Options);
        await AssertWorksAsync(node);
        for (int call = 0; call < 10; call++)
        {
            RespValue told = await RunAsync(node, FencingScripts.Raise, "2", "door", "fence", "owner", "8000", "17", "9000");
            Assert.StartsWith(RespScriptSubstitute.RefusalCode, told.AsString(), StringComparison.Ordinal);
        }

        await AssertWorksAsync(node);
        Assert.Equal(1, server.Dials);
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

    private static Task<RespValue> ReleaseAsync(RespNode node) => RunAsync(node, RedlockScripts.Release, "1", "door", "owner");

    private static async Task<RespValue> RunAsync(RespNode node, RespScript script, params string[] arguments)
    {
        OutcomeRecorder outcomes = new();
        RespTicket ticket = default;
        await Eventually.Holds(
            () => (ticket = node.TrySend(
                Sending.Frame(["EVALSHA", script.Sha1, .. arguments]),
                new RespRequest { Handler = outcomes, Tag = 1, DeadlineTicks = long.MaxValue, Script = script })).IsTaken,
            "it is taken");
        await Eventually.Holds(() => outcomes.Told.Length == 1, "it is told");
        return outcomes.Told.Single().Reply;
    }

    private static string? OfRedis(string command) => command switch
    {
        "SCRIPT" => $"$40\r\n{RedlockScripts.Release.Sha1}\r\n",
        "EVAL" or "EVALSHA" => ":1\r\n",
        _ => null,
    };

    private static byte[] Release => Sending.Frame("EVALSHA", RedlockScripts.Release.Sha1, "1", "door", "owner");

    private static string? OfValkey(string command) => command switch
    {
        "SCRIPT" or "EVAL" or "EVALSHA" => "-NOPERM User w has no permissions to run the command\r\n",
        "DELIFEQ" => ":0\r\n",
        "DELEX" => "-ERR unknown command 'DELEX'\r\n",
        "SET" => "$-1\r\n",
        "PING" => "+PONG\r\n",
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
