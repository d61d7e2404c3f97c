using System.Text;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

// A login is renewed on its connection before it ends, and what goes wrong with that costs the connection at most, never what is on it.
public sealed class LoginRenewalTests
{
    [Fact]
    public async Task It_comes_before_the_end_on_the_same_connection_again_and_again()
    {
        await using LoginServer server = new();
        using RespNode node = await server.ConnectAsync();
        server.Clock.Advance(LoginServer.UntilRenewal - TimeSpan.FromTicks(2));
        Assert.Equal(1, server.Asked);
        server.Clock.Advance(TimeSpan.FromTicks(2));
        await Eventually.Holds(() => server.Logins.Length == 2, "renewed");
        await server.PassUntil(() => server.Logins.Length == 5);
        Assert.Equal([.. Enumerable.Range(1, 5).Select(number => $"1: worker password-{number}")], server.Logins);
        Assert.Equal(0, node.Reconnects);
        Assert.Null(node.LastError);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_an_end_there_is_none(bool isMaximum)
    {
        await using LoginServer server = new();
        DateTimeOffset? end = isMaximum ? DateTimeOffset.MaxValue : null;
        server.Give = (number, _) => ValueTask.FromResult(number == 1 ? server.Credentials(1) : new RespCredentials(null, "for ever", end));
        using RespNode node = await server.ConnectAsync();
        await server.PassUntil(() => server.Logins.Length == 2);
        server.Clock.Advance(TimeSpan.FromDays(1000));
        Assert.Equal("x", (await node.SendAsync("ECHO", "x").SoonAsync()).AsString());
        Assert.Equal(2, server.Asked);
        Assert.Equal(["1: worker password-1", "1: for ever"], server.Logins);
    }

    [Fact]
    public async Task A_life_of_months_is_waited_for()
    {
        await using LoginServer server = new();
        TimeSpan life = TimeSpan.FromDays(100);
        server.Give = (number, _) => ValueTask.FromResult(new RespCredentials(null, $"{number}", server.Clock.GetUtcNow() + life));
        using RespNode node = await server.ConnectAsync();
        server.Clock.Advance(life * 0.69);
        Assert.Equal(1, server.Asked);
        await server.PassUntil(() => server.Logins.Length == 2, TimeSpan.FromHours(1));
        Assert.InRange(server.Clock.GetUtcNow() - new ManualTimeProvider().GetUtcNow(), life * 0.69, life);
    }

    [Fact]
    public async Task A_callback_that_fails_is_told_and_asked_again_and_the_connection_serves_on()
    {
        await using LoginServer server = new();
        server.Give = (number, _) => number is > 1 and < 4
            ? throw new IOException("no token today, password-1")
            : ValueTask.FromResult(server.Credentials(number));
        using RespNode node = await server.ConnectAsync();
        List<string> told = [];
        node.CredentialsNotRenewed += (sender, text) => Add(told, Assert.IsType<RespNode>(sender) == node ? text : "another's");
        await server.PassUntil(() => server.Logins.Length == 2);
        Assert.Equal(["1: worker password-1", "1: worker password-4"], server.Logins);
        string text = $"{node.Name}: the login was not renewed: the credentials callback failed with IOException: no token today, ***";
        Assert.Equal([text, text], told);
        Assert.Equal(text, node.LastError);
        Assert.Equal(0, node.Reconnects);
    }

    [Fact]
    public async Task A_callback_that_fails_for_long_costs_no_connection_that_the_node_serves()
    {
        await using LoginServer server = new();
        bool isDown = false;
        server.Give = (number, _) =>
            isDown ? throw new IOException("no token today") : ValueTask.FromResult(server.Credentials(number));
        using RespNode node = await server.ConnectAsync();
        isDown = true;
        DateTimeOffset ended = server.Clock.GetUtcNow() + (2 * LoginServer.Life);
        await server.PassUntil(() => server.Clock.GetUtcNow() > ended);
        Assert.True(server.Asked > 10, "It was asked often enough.");
        Assert.Equal("x", (await node.SendAsync("ECHO", "x").SoonAsync()).AsString());
        Assert.Equal(1, server.Dials);
        isDown = false;
        await server.PassUntil(() => server.Logins.Length == 2);
        Assert.StartsWith("1: ", server.Logins[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_that_hangs_is_given_up_and_asked_again()
    {
        await using LoginServer server = new();
        server.Give = async (number, token) =>
        {
            if (number == 2)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
            }

            return server.Credentials(number);
        };
        using RespNode node = await server.ConnectAsync();
        server.Hanging = 1;
        await server.PassUntil(() => server.Logins.Length == 2, TimeSpan.FromSeconds(10));
        Assert.Equal("1: worker password-3", server.Logins[1]);
        Assert.Contains("gave nothing within 30 s", node.LastError, StringComparison.Ordinal);
        Assert.Equal(0, node.Reconnects);
    }

    [Fact]
    public async Task A_refusal_is_answered_by_fresh_credentials_on_the_same_connection_and_shows_no_password()
    {
        await using LoginServer server = new();
        server.Answer = static said => said is "worker password-2" or "worker password-3" ? $"-WRONGPASS {said}\r\n" : "+OK\r\n";
        using RespNode node = await server.ConnectAsync();
        await server.PassUntil(() => server.Logins.Length == 4);
        Assert.Equal([.. Enumerable.Range(1, 4).Select(number => $"1: worker password-{number}")], server.Logins);
        Assert.Contains("AUTH was refused with WRONGPASS when the login was to be renewed", node.LastError, StringComparison.Ordinal);
        Assert.DoesNotContain("password-", node.LastError, StringComparison.Ordinal);
        Assert.Equal(0, node.Reconnects);

        // Of yesterday, of today, and those that were never taken.
        string said = node.Excerpt("is password-1, password-2, PASSWORD-3, password-4, or password-5"u8);
        Assert.Equal("is ***, ***, ***, ***, or ***5", said);
    }

    [Fact]
    public async Task Where_it_is_refused_until_the_login_has_ended_the_connection_is_made_anew_once_it_owes_nothing()
    {
        await using LoginServer server = new();
        server.Answer = static said => said == "worker password-1" ? "+OK\r\n" : "-WRONGPASS no\r\n";
        using RespNode node = await server.ConnectAsync();
        await server.PassUntil(() => server.Dials > 1);
        Assert.True(server.Clock.GetUtcNow() >= new ManualTimeProvider().GetUtcNow() + LoginServer.Life, "The login has ended.");
        Assert.True(server.Logins.Length > 4, "It was tried often enough.");
        server.Answer = static _ => "+OK\r\n";
        await Eventually.Holds(() => node is { IsConnected: true, Reconnects: 1 }, "connected again");
        Assert.Equal("x", (await Eventually.Answered(node, "ECHO", "x")).AsString());
    }

    [Fact]
    public async Task It_finds_room_in_a_full_queue_and_goes_in_order()
    {
        RecordingPipe pipe = new();
        ManualTimeProvider clock = new();
        RespNodeOptions options = new()
        {
            TimeProvider = clock,
            ClientName = null,
            Credentials = (_, _) => ValueTask.FromResult(new RespCredentials(null, "s3cret", clock.GetUtcNow() + LoginServer.Life)),
            QueueLimits = new RespQueueLimits { OrdinaryRequests = 3, WindowBytes = 1024 },
            SilenceLimit = TimeSpan.FromDays(1),
            Scheduler = new LoginScheduler(),
        };
        using RespNode node = await pipe.ConnectAsync(options);
        OutcomeRecorder outcomes = new();
        for (int tag = 0; tag < 3; tag++)
        {
            Assert.True(node.Echo(outcomes, tag, TimeSpan.FromDays(1)).IsTaken);
        }

        Assert.Equal(RequestFailure.QueueFull, node.Echo(outcomes, 3).Failure);
        clock.Advance(LoginServer.UntilRenewal);
        const string Auth = "*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n";
        await Eventually.Holds(() => Sent(pipe).EndsWith(Auth, StringComparison.Ordinal), "AUTH is sent");
        Assert.Equal(4, node.Pending);
        await pipe.AnswerAsync("$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n+OK\r\n");
        await outcomes.WaitFor(3);
        Assert.Equal(["0", "1", "2"], outcomes.Told.Select(told => told.Reply.AsString()));
        await Eventually.Holds(() => node.Pending == 0, "AUTH is answered");
        Assert.Null(node.LastError);
    }

    [Fact]
    public async Task A_connection_that_is_lost_ends_the_call_for_it_and_the_next_dial_asks_anew()
    {
        await using LoginServer server = new();
        server.AnswerOther = static peer => peer.Number == 1 ? "-NOAUTH Authentication required.\r\n" : null;
        CancellationToken given = default;
        server.Give = async (number, token) =>
        {
            if (number == 2)
            {
                given = token;
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return server.Credentials(number);
        };
        using RespNode node = await server.ConnectAsync();
        await server.PassUntil(() => given.CanBeCanceled);
        await node.SendAsync("GET", "k").SoonAsync();
        await Eventually.Holds(() => node is { IsConnected: true, Reconnects: 1 }, "connected again");
        Assert.True(given.IsCancellationRequested);
        Assert.Equal(["1: worker password-1", "2: worker password-3"], server.Logins);
        await server.PassUntil(() => server.Logins.Length == 3);
        Assert.Equal("2: worker password-4", server.Logins[2]);
    }

    [Fact]
    public async Task Disposal_ends_the_call_for_a_renewal()
    {
        await using LoginServer server = new();
        CancellationToken given = default;
        server.Give = async (number, token) =>
        {
            if (number == 2)
            {
                given = token;
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }

            return server.Credentials(number);
        };
        RespNode node = await server.ConnectAsync();
        await server.PassUntil(() => given.CanBeCanceled);
        node.Dispose();
        Assert.True(given.IsCancellationRequested);
        server.Clock.Advance(LoginServer.Life * 10);
        Assert.Equal(2, server.Asked);
        Assert.Contains("disposed", node.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AUTH_that_is_not_answered_in_time_is_sent_again_with_fresh_credentials()
    {
        RecordingPipe pipe = new();
        ManualTimeProvider clock = new();
        int asked = 0;
        RespNodeOptions options = new()
        {
            TimeProvider = clock,
            ClientName = null,
            Credentials = (_, _) => ValueTask.FromResult(
                new RespCredentials(null, $"s3cret{Interlocked.Increment(ref asked)}", clock.GetUtcNow() + LoginServer.Life)),
            SilenceLimit = TimeSpan.FromDays(1),
            Scheduler = new LoginScheduler(),
        };
        using RespNode node = await pipe.ConnectAsync(options);
        clock.Advance(LoginServer.UntilRenewal);
        await Eventually.Holds(() => pipe.WriteCount == 1, "AUTH is sent");
        await Eventually.Holds(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return asked == 3;
            },
            "asked again");
        Assert.Contains("got no reply (TimedOut)", node.LastError, StringComparison.Ordinal);
        await Eventually.Holds(() => pipe.WriteCount == 2, "AUTH is sent again");
        await pipe.AnswerAsync("-WRONGPASS the first\r\n+OK\r\n");
        await Eventually.Holds(() => node.Pending == 0, "both are answered");
        Assert.Contains("got no reply (TimedOut)", node.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_of_it_is_counted_by_cause()
    {
        const string Name = "measured-logins";
        await using LoginServer server = new();
        using MeasurementLog log = new("Redlock.Fast.Resp", Name);
        server.Give = (number, _) => number switch
        {
            2 => throw new IOException("no token today"),
            3 => ValueTask.FromResult(new RespCredentials("worker", "password-3", server.Clock.GetUtcNow())),
            _ => ValueTask.FromResult(server.Credentials(number)),
        };
        server.Answer = static said => said == "worker password-4" ? "-WRONGPASS no\r\n" : "+OK\r\n";
        using RespNode node = new(Dialer.From(Name, server.Dialer.DialAsync), server.Options);
        await Eventually.Connected(node);
        await server.PassUntil(() => log.Of("resp.logins.renewed").Count == 1);
        Assert.Equal((1, $"server.address={Name}"), Assert.Single(log.Of("resp.logins.renewed")));
        Assert.Equal(
            ["System.IO.IOException", "expired", "WRONGPASS"],
            log.Of("resp.logins.failed").Select(static failed => failed.Tags[(failed.Tags.LastIndexOf('=') + 1)..]));
    }

    [Fact]
    public async Task A_handler_that_throws_stands_in_nobodys_way()
    {
        await using LoginServer server = new();
        server.Give = (number, _) =>
            number == 2 ? throw new IOException("no token today") : ValueTask.FromResult(server.Credentials(number));
        using RespNode node = await server.ConnectAsync();
        int told = 0;
        node.CredentialsNotRenewed += static (_, _) => throw new InvalidOperationException("broken");
        node.CredentialsNotRenewed += (_, _) => Interlocked.Increment(ref told);
        await server.PassUntil(() => server.Logins.Length == 2);
        Assert.Equal(1, told);
    }

    private static string Sent(RecordingPipe pipe) =>
        string.Concat(pipe.Writes.Select(static write => Encoding.ASCII.GetString(write.Bytes)));

    private static void Add(List<string> told, string text)
    {
        lock (told)
        {
            told.Add(text);
        }
    }
}
