using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Each answer to the handshake is what Redis answers, or the connection is over; wherever it breaks off, the node comes back.
public sealed class HandshakeTests
{
    private const string Secret = "HUNTERTWO";

    private static readonly RespScript Script = new("return 1");
    private static readonly RespScript Other = new("return 2");

    private static readonly RespNodeOptions Options = new()
    {
        User = "worker",
        Password = Secret,
        Database = 3,
        ClientName = "tester",
        Scripts = [Script, Other],
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(2),
    };

    private static readonly RespNodeOptions Asking = Options with { AsksForServer = true };

    // What Redis says to AUTH, SELECT, CLIENT SETNAME, twice SCRIPT LOAD, EVAL and EVALSHA.
    private static readonly string[] Answers =
        ["+OK\r\n", "+OK\r\n", "+OK\r\n", Loaded(Script), Loaded(Other), ":1\r\n", ":1\r\n"];

    private static readonly string[] Commands = ["AUTH", "SELECT", "CLIENT SETNAME", "SCRIPT LOAD", "SCRIPT LOAD", "EVAL", "EVALSHA"];

    private static readonly string[] Expected =
        ["SimpleString OK", "SimpleString OK", "SimpleString OK", $"BulkString {Script.Sha1}", $"BulkString {Other.Sha1}",
            "Integer 1", "Integer 1"];

    public static TheoryData<int, string> WrongAnswers
    {
        get
        {
            string[] wrong =
            [
                "+ok\r\n", "+OK \r\n", "+\r\n", "+QUEUED\r\n", "+PONG\r\n", "$2\r\nOK\r\n", "$-1\r\n", "$0\r\n\r\n", ":0\r\n", ":1\r\n",
                "*0\r\n", "*-1\r\n", "*1\r\n+OK\r\n", $"+{Secret}\r\n", $"$9\r\n{Secret}\r\n", $"*1\r\n$9\r\n{Secret}\r\n",
                $"+{Script.Sha1}\r\n", $"$40\r\n{Script.Sha1.ToUpperInvariant()}\r\n", $"$39\r\n{Script.Sha1[..39]}\r\n",
            ];
            TheoryData<int, string> data = [];
            for (int place = 0; place < Answers.Length; place++)
            {
                foreach (string answer in wrong.Where(answer => answer != Answers[place]))
                {
                    data.Add(place, answer);
                }

                // What the others are answered: as if a reply had been lost or doubled.
                foreach (string answer in Answers.Distinct().Where(answer => answer != Answers[place]))
                {
                    data.Add(place, answer);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task A_wrong_answer_ends_the_connection_and_is_named(int place, string answer)
    {
        string[] said = [.. Answers];
        said[place] = answer;
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, peer.Number == 1 ? said : Answers));
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = NewNode(server, Options, firstEnd);
        string text = Assert.IsType<string>(await firstEnd.Task.SoonAsync());
        Assert.StartsWith($"{node.Name}: {Commands[place]} was answered with ", text, StringComparison.Ordinal);
        Assert.Contains($"in place of {Expected[place]}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        await AssertWorks(node);
        Assert.Equal(2, server.Dials);
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("$4\r\nPONG\r\n")]
    [InlineData(":1\r\n")]
    [InlineData("*0\r\n")]
    public async Task A_connection_that_needs_nothing_is_ready_only_on_pong(string answer)
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            if (peer.Number == 1)
            {
                await peer.ReadAsync();
                await peer.WriteAsync(answer);
            }

            await ScriptedServer.Behave(peer);
        });
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = NewNode(server, new RespNodeOptions { ClientName = null }, firstEnd);
        Assert.Contains("PING was answered with ", await firstEnd.Task.SoonAsync(), StringComparison.Ordinal);
        await AssertWorks(node);
    }

    [Theory]
    [InlineData("redis_mode:standalone", RespServerRole.Standalone)]
    [InlineData("redis_mode:sentinel", RespServerRole.Sentinel)]
    [InlineData("server_mode:cluster", RespServerRole.ClusterMember)]
    [InlineData("x:_mode:cluster", RespServerRole.Unknown)]
    public async Task The_server_says_who_it_is(string mode, RespServerRole role)
    {
        string info = $"# Server\r\nredis_version:7.0.15\r\n{mode}\r\nrun_id:0123abcd\r\nuptime_in_seconds:42\r\n";
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, [.. Answers, Bulk(info)]));
        using RespNode node = NewNode(server, Asking);
        await AssertWorks(node);

        // It may have started at the end of one second and been asked at the beginning of another.
        Assert.Equal(("0123abcd", TimeSpan.FromSeconds(41), role), Said(node));
    }

    // It restarts, and what comes back in its place is never believed unasked, however often a connection ends at the question.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_server_that_has_said_who_it_is_is_always_asked(int breaks)
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, async peer =>
        {
            string who = Bulk($"run_id:{peer.Number}\r\nuptime_in_seconds:42\r\n");
            if (peer.Number > 1 + breaks)
            {
                await AnswerAsync(peer, [.. Answers, who]);
                return;
            }

            // The first one ends when all is said, the others at the question.
            foreach (string answer in peer.Number == 1 ? [.. Answers, who] : Answers)
            {
                await peer.ReadAsync();
                await peer.WriteAsync(answer);
            }
        });
        using RespNode node = NewNode(server, Asking);
        await Eventually.Holds(() => node.Server?.RunId == $"{2 + breaks}");
        Assert.Equal(2 + breaks, server.Dials);
    }

    [Theory]
    [InlineData("-NOPERM this user has no permissions\r\n")]
    [InlineData("-ERR unknown command\r\n")]
    [InlineData("$0\r\n\r\n")]
    [InlineData("$29\r\nrun_id:\r\nuptime_in_seconds:-1\r\n")]
    public async Task A_server_that_does_not_say_is_believed(string answer)
    {
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, [.. Answers, answer]));
        using RespNode node = NewNode(server, Asking);
        await AssertWorks(node);
        Assert.Equal((null, null, RespServerRole.Unknown), Said(node));
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData(":1\r\n")]
    [InlineData("$-1\r\n")]
    public async Task A_reply_that_is_no_text_is_not_believed(string answer)
    {
        await using ScriptedServer server = new(
            ScriptedTransport.Pipes, peer => AnswerAsync(peer, peer.Number == 1 ? [.. Answers, answer] : Answers));
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = NewNode(server, Asking, firstEnd);
        Assert.Contains("INFO was answered with ", await firstEnd.Task.SoonAsync(), StringComparison.Ordinal);
        await AssertWorks(node);
    }

    [Theory]
    [InlineData(0, "LOADING")]
    [InlineData(0, "BUSY")]
    [InlineData(0, "MASTERDOWN")]
    [InlineData(0, "TRYAGAIN")]
    [InlineData(1, "LOADING")]
    [InlineData(1, "BUSY")]
    [InlineData(1, "MASTERDOWN")]
    [InlineData(1, "TRYAGAIN")]
    public async Task What_passes_is_tried_again_soon(int place, string code)
    {
        string[] said = [.. Answers];
        said[place] = $"-{code} {Secret}\r\n";
        await using ScriptedServer server = new(ScriptedTransport.Pipes, peer => AnswerAsync(peer, peer.Number == 1 ? said : Answers));
        TaskCompletionSource<string?> firstEnd = new();

        // A misconfiguration would wait the longest delay.
        using RespNode node = NewNode(server, Options with { MaxReconnectDelay = TimeSpan.FromHours(1) }, firstEnd);
        string text = Assert.IsType<string>(await firstEnd.Task.SoonAsync());
        Assert.StartsWith($"{node.Name}: {Commands[place]} was answered with {code}: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        await AssertWorks(node);
        Assert.Equal(2, server.Dials);
    }

    [Theory]
    [InlineData("-NOPERM this user has no permissions to run the command\r\n")]
    [InlineData("-ERR unknown command\r\n")]
    public async Task Without_a_name_and_scripts_it_goes_on(string refusal)
    {
        await using ScriptedServer server = new(
            ScriptedTransport.Pipes, peer => AnswerAsync(peer, ["+OK\r\n", "+OK\r\n", refusal, refusal, refusal, .. Answers[5..]]));
        using RespNode node = NewNode(server, Options);
        await AssertWorks(node);
        Assert.Equal(1, server.Dials);
    }

    // What a proxy does with a command that it does not know.
    [Theory]
    [InlineData(ScriptedTransport.Pipes, "SCRIPT")]
    [InlineData(ScriptedTransport.Tcp, "SCRIPT")]
    [InlineData(ScriptedTransport.Tcp, "CLIENT")]
    [InlineData(ScriptedTransport.Tcp, "EVALSHA")]
    [InlineData(ScriptedTransport.Tcp, "EVAL")]
    [InlineData(ScriptedTransport.Tcp, "CLIENT", "SCRIPT", "EVALSHA", "EVAL")]
    public async Task A_command_at_which_the_connection_is_closed_is_left_out_one_dial_later(
        ScriptedTransport transport, params string[] unknown)
    {
        await using ScriptedServer server = new(transport, peer => AnswerAllBut(unknown, peer));
        using RespNode node = NewNode(server, Options);
        await AssertWorks(node);
        Assert.Equal(1 + unknown.Length, server.Dials);
        Assert.Contains("the connection", node.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH")]
    [InlineData("SELECT")]
    public async Task A_command_that_is_needed_is_never_left_out(string needed)
    {
        await using ScriptedServer server = new(ScriptedTransport.Tcp, peer => AnswerAllBut(peer.Number <= 2 ? [needed] : [], peer));
        using RespNode node = NewNode(server, Options);
        await AssertWorks(node);
        Assert.Equal(3, server.Dials);
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_connection_cut_at_any_byte_of_the_handshake_is_made_again(ScriptedTransport transport)
    {
        string whole = string.Concat(Answers);
        await using ScriptedServer server = new(transport, async peer =>
        {
            if (peer.Number > whole.Length)
            {
                await AnswerAllBut([], peer);
                return;
            }

            // The step at which it was cut is left out of the next one, which asks for less.
            int left = peer.Number - 1;
            while (left > 0 && await peer.ReadAsync() is { } command && AnswerTo(command) is { } answer)
            {
                await peer.WriteAsync(answer[..Math.Min(left, answer.Length)]);
                left -= answer.Length;
            }
        });
        using RespNode node = NewNode(server, Options);
        OutcomeRecorder outcomes = new();
        bool isTaken = node.Echo(outcomes, 1).IsTaken;
        await AssertWorks(node);
        Assert.Equal(whole.Length + 1, server.Dials);
        if (isTaken)
        {
            Assert.Equal(RequestFailure.NotConnected, outcomes.FailureOf(1));
        }
    }

    [Theory]
    [InlineData(ScriptedTransport.Pipes)]
    [InlineData(ScriptedTransport.Tcp)]
    public async Task A_handshake_that_drips_byte_by_byte_is_read(ScriptedTransport transport)
    {
        await using ScriptedServer server = new(transport, async peer =>
        {
            for (int command = 0; command < Answers.Length; command++)
            {
                await peer.ReadAsync();
            }

            foreach (char one in string.Concat(Answers))
            {
                await peer.WriteAsync([(byte)one]);
            }

            await ScriptedServer.Behave(peer);
        });
        using RespNode node = NewNode(server, Options);
        await AssertWorks(node);
        Assert.Equal(1, server.Dials);
    }

    [Fact]
    public async Task A_handshake_that_drips_without_end_ends_at_the_connect_time_limit()
    {
        int drips = 0;
        await using ScriptedServer server = new(ScriptedTransport.Tcp, async peer =>
        {
            if (peer.Number > 1)
            {
                await AnswerAsync(peer, Answers);
                return;
            }

            await peer.WriteAsync("+");
            while (true)
            {
                await peer.WriteAsync("x");
                Interlocked.Increment(ref drips);
                await Task.Delay(1, peer.Life);
            }
        });
        CountingTimeProvider clock = new();
        TaskCompletionSource<string?> firstEnd = new();
        using RespNode node = NewNode(
            server, Options with { TimeProvider = clock, ConnectTimeLimit = TimeSpan.FromMilliseconds(300) }, firstEnd);
        await Eventually.Holds(() => Volatile.Read(ref drips) > 10, "the server drips");
        clock.Advance(TimeSpan.FromMilliseconds(299));
        int before = Volatile.Read(ref drips);
        await Eventually.Holds(() => Volatile.Read(ref drips) > before + 10, "it goes on");
        Assert.False(firstEnd.Task.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Contains("within 0.3 s", await firstEnd.Task.SoonAsync(), StringComparison.Ordinal);
    }

    private static (string? RunId, TimeSpan? Uptime, RespServerRole Role) Said(RespNode node) =>
        (node.Server!.RunId, node.Server.Uptime, node.Server.Role);

    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";

    private static RespNode NewNode(ScriptedServer server, RespNodeOptions options, TaskCompletionSource<string?>? firstEnd = null)
    {
        // Held back until the test listens: a node may be refused before its maker has it.
        TaskCompletionSource isHeard = new();
        RespNode node = new(Dialer.From(server.Dialer.Address, async token =>
        {
            await isHeard.Task.WaitAsync(token);
            return await server.Dialer.DialAsync(token);
        }), options);
        node.StateChanged += (_, state) =>
        {
            if (state == RespNodeState.Disconnected)
            {
                firstEnd?.TrySetResult(node.LastError);
            }
        };
        isHeard.SetResult();
        return node;
    }

    private static async Task AnswerAsync(ScriptedPeer peer, string[] answers)
    {
        foreach (string answer in answers)
        {
            await peer.ReadAsync();
            await peer.WriteAsync(answer);
        }

        await ScriptedServer.Behave(peer);
    }

    private static async Task AnswerAllBut(string[] unknown, ScriptedPeer peer)
    {
        while (await peer.ReadAsync() is { } command && !unknown.Contains(command[0]))
        {
            await peer.WriteAsync(AnswerTo(command) ?? $"${command[1].Length}\r\n{command[1]}\r\n");
        }
    }

    private static string? AnswerTo(string[] command) => command[0] switch
    {
        "SCRIPT" => Loaded(command[2] == Script.Text ? Script : Other),
        "EVAL" or "EVALSHA" => Answers[5],
        "AUTH" or "SELECT" or "CLIENT" => Answers[0],
        _ => null,
    };

    private static string Loaded(RespScript script) => $"$40\r\n{script.Sha1}\r\n";

    private static async Task AssertWorks(RespNode node) =>
        Assert.Equal("again", (await Eventually.Answered(node, "ECHO", "again")).AsString());
}
