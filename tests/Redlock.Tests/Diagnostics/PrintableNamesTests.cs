using System.Globalization;
using System.IO.Pipelines;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

// A name that would write a line of its own, clear the screen, and turn the rest of the line round.
[Collection(nameof(ListeningAlone))]
public class PrintableNamesTests
{
    private const string Evil = "door\r\n2026-01-01 ERROR forged\u001b[2J\u2028\u2029\u0085\u202Etxet\u2066\uFEFF\u0007";

    private static readonly string _name = Evil + '\uD800';

    [Fact]
    public async Task No_text_about_a_lock_repeats_what_a_terminal_obeys()
    {
        using SpanLog spans = new();
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Factory.CreateMutex(Evil, MutexOptions.NonBlocking with { KeyPrefix = Evil });
        AssertShown(mutex.ToString());
        AssertShown(mutex.Options.ToString());
        Assert.Equal(Evil, mutex.Name);

        ValueTask<LockResult> taking = mutex.TryLockAsync(TestContext.Current.CancellationToken);
        quorum.ReplyAll("+OK\r\n");
        LockToken token = (await taking).Token;
        AssertShown(Assert.IsType<string>(Assert.Single(spans.Stopped).GetTagItem("redlock.name")));

        RedlockMutex other = quorum.Factory.CreateMutex("other" + Evil);
        AssertShown(Assert.Throws<ArgumentException>(() => other.Extend(token, TestContext.Current.CancellationToken)).Message);
    }

    [Theory]
    [InlineData(LockStatus.Contended)]
    [InlineData(LockStatus.Unavailable)]
    public void A_failure_has_a_line_for_each_node_and_no_other(LockStatus status)
    {
        LockFailedException failed = new(
            _name, status, 1, [new NodeOutcome(_name, NodeVote.Granted, null), new NodeOutcome("node", NodeVote.Failed, _name)]);
        string[] lines = failed.Message.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, AssertShown);
        Assert.Equal(_name, failed.Name);
        AssertShown(new NodeOutcome(_name, NodeVote.Granted, null).ToString());
    }

    [Fact]
    public void Channels_of_somebody_elses_are_named_printably_where_they_are_refused()
    {
        AssertShown(Assert.Throws<ArgumentException>(() => new RedlockFactory(new NamedChannel(_name), new NamedChannel(_name))).Message);
        AssertShown(Assert.Throws<ArgumentException>(
            () => new RedlockFactory(new NamedChannel(_name), new NamedChannel("b") { Clock = new ManualTimeProvider() })).Message);
    }

    [Fact]
    public async Task No_text_about_a_node_repeats_what_a_terminal_obeys()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int dials = 0;
        EvilDialer dialer = new(async () =>
        {
            if (Interlocked.Increment(ref dials) == 1)
            {
                throw new InvalidOperationException(_name);
            }

            await goOn.Task;
            return server.Connect();
        });
        await using RespNode node = new(dialer, new RespNodeOptions { ReconnectDelay = TimeSpan.FromMilliseconds(1) });
        AssertShown(node.Name);
        AssertShown(node.ToString());
        while (node.LastError is null)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        AssertShown(node.LastError);
        AssertShown(node.Describe(RequestFailure.NotConnected));
        goOn.SetResult();
        await node.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).WaitAsync(
            TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        foreach (RequestFailure failure in Enum.GetValues<RequestFailure>())
        {
            if (failure != RequestFailure.None)
            {
                AssertShown(node.Describe(failure));
            }
        }

        server.Stop();
        RespRequestException refused = await Assert.ThrowsAsync<RespRequestException>(() => node.SendAsync(Evil, "x"));
        AssertShown(refused.Message);
    }

    [Fact]
    public void Every_dialer_of_the_library_names_itself_printably()
    {
        AssertShown(new TcpDialer(Evil).Address);
        AssertShown(new TlsDialer(Evil, 1).Address);
        AssertShown(new UnixDialer("/" + Evil.ReplaceLineEndings("\n")).Address);
        AssertShown(Dialer.From(_name, _ => throw new NotSupportedException()).Address);
    }

    [Fact]
    public void A_scripted_node_complains_of_such_a_name_on_one_line()
    {
        using ScriptedNode script = new();
        script.ExpectLock(Evil, Reply.Ok).Expect(Evil, [Argument.Is(Evil), Argument.StartingWith(Evil)], Reply.Ok);
        string complaint = Assert.Throws<ScriptedNodeException>(script.Verify).Message;
        Assert.Equal(4, complaint.Split('\n').Length);
        Assert.All(complaint.Split('\n'), line => AssertPrintable(line.TrimEnd('\r')));
    }

    [Fact]
    public async Task A_stand_in_is_named_printably()
    {
        await using InMemoryNode node = InMemoryNode.Start(
            new InMemoryNodeOptions { Name = _name, Transports = InMemoryTransports.PipesOnly });
        AssertShown(node.Name);
        AssertShown(Assert.Throws<InvalidOperationException>(() => node.Endpoint).Message);
    }

    // It is there, and nothing of it acts.
    private static void AssertShown(string text)
    {
        AssertPrintable(text);
        Assert.True(text.Contains("forged\\u001B[2J", StringComparison.Ordinal) || text.Contains("node", StringComparison.Ordinal)
            || text.Contains("The lock", StringComparison.Ordinal), text);
    }

    private static void AssertPrintable(string text)
    {
        for (int place = 0; place < text.Length; place++)
        {
            UnicodeCategory category = char.GetUnicodeCategory(text, place);
            Assert.False(
                category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate,
                $"U+{(int)text[place]:X4} at {place} of {text.Length} characters");
        }
    }

    private sealed class EvilDialer(Func<Task<IDuplexPipe>> dial) : Dialer
    {
        public override string Address => _name;

        public override async ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken) => await dial();
    }

    private sealed class NamedChannel(string name) : RespChannel
    {
        public override string Name => name;

        public override TimeProvider TimeProvider => Clock;

        public TimeProvider Clock { get; init; } = MonotonicTime.Shared;

        public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => new(RequestFailure.NotConnected);

        public override string Describe(RequestFailure failure) => name;
    }
}
