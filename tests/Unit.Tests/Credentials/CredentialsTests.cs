using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// Credentials are asked for at each dial, and what comes of asking costs dials at most.
public sealed class CredentialsTests
{
    [Fact]
    public async Task They_are_asked_for_at_each_dial_and_sent_first()
    {
        await using LoginServer server = new();
        server.AnswerOther = static peer => peer.Number < 3 ? "-NOAUTH Authentication required.\r\n" : null;
        using RespNode node = await server.ConnectAsync();
        for (int dials = 2; dials <= 3; dials++)
        {
            int expected = dials;

            // How often a server may be left for what it says is bounded.
            server.Clock.Advance(server.Options.MaxReconnectDelay);
            Assert.StartsWith("NOAUTH", (await Eventually.Answered(node, "GET", "k")).AsString(), StringComparison.Ordinal);
            await Eventually.Holds(() => server.Dials == expected && node.IsConnected, "dialed again");
        }

        Assert.Equal("value", (await Eventually.Answered(node, "ECHO", "value")).AsString());
        Assert.Equal(["1: worker password-1", "2: worker password-2", "3: worker password-3"], server.Logins);
        Assert.All(server.NodesAsked, name => Assert.Equal(node.Name, name));
        Assert.Contains("it does not know the login of the connection any more", node.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "password", "1: password")]
    [InlineData(null, "", "1: ")]
    [InlineData("worker", "", "1: worker ")]
    [InlineData("", "password", "1:  password")]
    public async Task A_user_or_a_password_may_be_missing(string? user, string password, string login)
    {
        await using LoginServer server = new();
        server.Give = (_, _) => ValueTask.FromResult(new RespCredentials(user, password));
        using RespNode node = await server.ConnectAsync();
        Assert.Equal([login], server.Logins);
    }

    [Fact]
    public async Task What_a_callback_throws_is_told_without_its_passwords_and_tried_again()
    {
        await using LoginServer server = new();
        TaskCompletionSource<RespCredentials> first = new();
        server.Give = (number, _) => number switch
        {
            1 => new ValueTask<RespCredentials>(first.Task),
            2 => ValueTask.FromException<RespCredentials>(new IOException("nobody there")),
            3 => ValueTask.FromResult<RespCredentials>(null!),
            4 => ValueTask.FromResult(new RespCredentials("worker", "password-4", server.Clock.GetUtcNow())),
            5 => ValueTask.FromResult(new RespCredentials("worker", "password-5\n")),
            _ => ValueTask.FromResult(server.Credentials(number)),
        };
        List<string?> errors = [];
        using RespNode node = new(server.Dialer, server.Options);
        node.StateChanged += (_, state) => AddIfOver(state, node.LastError, errors);
        first.SetException(new InvalidOperationException("no\ntoken"));
        await Eventually.Connected(node);
        await Eventually.Holds(() => Seen(errors, "line break"), "the last of them is told");
        Assert.True(Seen(errors, "failed with InvalidOperationException: no"), string.Join('\n', errors));
        Assert.True(Seen(errors, "failed with IOException: nobody there"), string.Join('\n', errors));
        Assert.Equal(["1: worker password-6"], server.Logins);
        Assert.True(Seen(errors, "gave null"), string.Join('\n', errors));
        Assert.True(Seen(errors, "ended at 2000-01-01 00:00:00Z, 0 s ago"), string.Join('\n', errors));
        Assert.All(errors, error => Assert.StartsWith($"{node.Name}: the credentials callback ", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_that_is_refused_at_a_dial_is_asked_for_again_soon()
    {
        await using LoginServer server = new();
        server.Answer = static said => said == "worker password-3" ? "+OK\r\n" : "-WRONGPASS invalid\r\n";
        using RespNode node = new(server.Dialer, server.Options with { MaxReconnectDelay = TimeSpan.FromHours(1) });
        await Eventually.Holds(() => node.IsConnected, "connected, though a refusal is for a person elsewhere");
        Assert.Equal(3, server.Dials);
        Assert.Contains("asked again at the next dial", node.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_hangs_ends_in_time_and_the_next_one_serves()
    {
        await using LoginServer server = new();
        TaskCompletionSource<RespCredentials> never = new();
        CancellationToken given = default;
        server.Give = (number, token) =>
        {
            if (number > 1)
            {
                return ValueTask.FromResult(server.Credentials(number));
            }

            given = token;
            return new ValueTask<RespCredentials>(never.Task);
        };
        server.Hanging = 1;
        using RespNode node = new(server.Dialer, server.Options);
        await Eventually.Holds(() => given.CanBeCanceled, "asked");
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1, TimeSpan.FromDays(1)).IsTaken);
        await server.PassUntil(() => server.Asked == 2, TimeSpan.FromSeconds(10));
        Assert.True(given.IsCancellationRequested);
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.NotConnected, outcomes.FailureOf(1));
        await Eventually.Connected(node);
        Assert.Contains("gave nothing within 30 s", node.LastError, StringComparison.Ordinal);

        // What comes too late serves nobody, and is a secret all the same.
        never.SetResult(new RespCredentials("worker", "too-late-to-serve"));
        await Eventually.Holds(() => node.Excerpt("is too-late-to-serve"u8) == "is ***", "it is hidden");
        Assert.Equal(["1: worker password-2"], server.Logins);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposal_waits_for_no_call_and_cancels_it(bool blocks)
    {
        await using LoginServer server = new();
        using ManualResetEventSlim mayEnd = new();
        CancellationToken given = default;
        server.Give = async (number, token) =>
        {
            given = token;
            if (blocks)
            {
                mayEnd.Wait(CancellationToken.None);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return server.Credentials(number);
        };
        RespNode node = new(server.Dialer, server.Options);
        await Eventually.Holds(() => given.CanBeCanceled, "asked");
        OutcomeRecorder outcomes = new();
        Assert.True(node.Echo(outcomes, 1).IsTaken);
        node.Dispose();
        Assert.True(given.IsCancellationRequested);
        await outcomes.WaitFor(1);
        Assert.Equal(RequestFailure.Disposed, outcomes.FailureOf(1));
        mayEnd.Set();
        Assert.Equal(0, server.Dials);
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task Calls_that_never_end_are_not_added_to_without_end()
    {
        await using LoginServer server = new();
        TaskCompletionSource<RespCredentials> never = new();
        server.Give = (_, _) => new ValueTask<RespCredentials>(never.Task);
        server.Hanging = 8;
        using RespNode node = new(server.Dialer, server.Options);
        await server.PassUntil(
            () => node.LastError?.Contains("have not come to an end", StringComparison.Ordinal) is true, TimeSpan.FromSeconds(1));
        Assert.Equal(8, server.Asked);
        server.Give = (number, _) => ValueTask.FromResult(server.Credentials(number));
        never.SetException(new IOException("gone"));
        await Eventually.Connected(node);
        Assert.Equal(["1: worker password-9"], server.Logins);
    }

    [Fact]
    public async Task Two_nodes_may_share_a_callback_that_each_of_them_is_asked_by()
    {
        await using LoginServer server = new();
        RespNodeOptions shared = server.Options;
        using RespNode one = await server.ConnectAsync(shared);
        using RespNode two = await server.ConnectAsync(shared);
        Assert.Equal(["1: worker password-1", "2: worker password-2"], server.Logins);
        Assert.Equal("is ***", two.Excerpt("is password-2"u8));
        one.Dispose();
        Assert.Equal("x", (await two.SendAsync("ECHO", "x").SoonAsync()).AsString());
    }

    [Fact]
    public void They_print_nothing_of_themselves()
    {
        DateTimeOffset end = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal("RespCredentials until 2030-01-02 03:04:05Z", $"{new RespCredentials("worker", "secret", end)}");
        Assert.Equal("RespCredentials without an end", $"{new RespCredentials("worker", "secret")}");
        RespNodeOptions options = new() { Credentials = static (_, _) => ValueTask.FromResult(new RespCredentials("worker", "secret")) };
        Assert.DoesNotContain("Credentials", options.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new RespCredentials("worker", null!));
        Assert.Throws<ArgumentException>(() => new RespCredentials("worker", "secret\n"));
    }

    [Fact]
    public void Beside_a_user_or_a_password_they_are_refused()
    {
        RespNodeOptions options = new() { Credentials = static (_, _) => ValueTask.FromResult(new RespCredentials("worker", "secret")) };
        Dialer dialer = Dialer.From("nobody", static _ => throw new IOException("nobody there"));
        foreach (RespNodeOptions both in new[] { options with { Password = "other" }, options with { User = "u", Password = "p" },
                     options with { User = "u" } })
        {
            Assert.Contains(
                "Credentials is set, and so is a user or a password",
                Assert.Throws<ArgumentException>(() => new RespNode(dialer, both)).Message,
                StringComparison.Ordinal);
        }

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => RespNode.Connect("redis://u:p4ssw0rd@127.0.0.1:1", options));
        Assert.Contains("here or in the endpoint", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("p4ssw0rd", refusal.Message, StringComparison.Ordinal);
    }

    private static void AddIfOver(RespNodeState state, string? error, List<string?> errors)
    {
        if (state == RespNodeState.Disconnected)
        {
            lock (errors)
            {
                errors.Add(error);
            }
        }
    }

    private static bool Seen(List<string?> errors, string text)
    {
        lock (errors)
        {
            return errors.Exists(error => error?.Contains(text, StringComparison.Ordinal) is true);
        }
    }
}
