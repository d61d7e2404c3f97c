using System.Collections.Concurrent;

namespace Redlock.Fast.Resp.Tests;

// Passwords that change under connections that go on, on real servers, over every transport of ours.
public sealed class CredentialsOnServersTests
{
    private const int Rotations = 3;

    // As short as a machine that is busy with everything else still serves in time.
    private static readonly TimeSpan _life = TimeSpan.FromSeconds(1);

    public enum Transport
    {
        Tcp = 0,
        Unix,
        Tls,
    }

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Unix)]
    [InlineData(Transport.Tls)]
    [Trait("Waits", "long")]
    public async Task A_connection_outlives_the_password_that_it_was_made_with(Transport transport)
    {
        using ServerUnderTest server = await StartAsync(transport);
        using RespNode administrator = await AdministratorAsync(server);
        RotatedPassword password = new(administrator, _life);
        await password.RotateAsync();
        using RespNode node = new(server.Dialer, password.Options);
        ConcurrentQueue<string> troubles = new();
        node.CredentialsNotRenewed += (_, text) => troubles.Enqueue(text);
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder, 1);
        await Eventually.Connected(node);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        for (int rotation = 1; rotation <= Rotations; rotation++)
        {
            int asked = password.Asked;
            string old = await password.RotateAsync();
            int lost = recorder.Lost;

            // Both connections have the new one, or they would not outlive the old one: here it is revoked, as nobody is cut off by that.
            await Eventually.Holds(
                async () =>
                {
                    Assert.Equal("x", (await node.SendAsync("ECHO", "x").SoonAsync()).AsString());
                    Assert.Equal(RespNodeContract.User, node.Send("ACL", "WHOAMI").AsString());
                    return password.Asked > asked + 3 && recorder.Lost > lost;
                },
                "logged in anew");
            await password.RevokeAsync(old);
            int messages = recorder.Messages;

            // What is published while the subscriber's connection is made anew is lost, and that is told.
            await Eventually.Holds(
                async () =>
                {
                    await administrator.SendAsync("PUBLISH", "c", $"{rotation}");
                    return recorder.Messages > messages;
                },
                "the subscriber is back, and hears");
        }

        Assert.Empty(troubles);
        Assert.Equal(0, node.Reconnects);
        Assert.Contains("made anew", recorder.LastText, StringComparison.Ordinal);
        Assert.Equal(0, recorder.Overlaps);
        await Eventually.Holds(() => recorder.Confirmed == recorder.Lost + 1, "each loss is mended");
    }

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Unix)]
    [InlineData(Transport.Tls)]
    public async Task A_server_that_cuts_connections_off_is_entered_with_the_password_of_the_day(Transport transport)
    {
        using ServerUnderTest server = await StartAsync(transport);
        using RespNode administrator = await AdministratorAsync(server);
        RotatedPassword password = new(administrator, TimeSpan.FromMinutes(5));
        await password.RotateAsync();
        using RespNode node = new(server.Dialer, password.Options);
        SubscriptionRecorder recorder = new();
        node.Subscribe("c", recorder, 1);
        await Eventually.Connected(node);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        for (int cut = 1; cut <= Rotations; cut++)
        {
            await password.RevokeAsync(await password.RotateAsync());
            Assert.Equal(2, (await administrator.SendAsync("CLIENT", "KILL", "USER", RespNodeContract.User)).Integer);
            await Eventually.Holds(() => node.Reconnects == cut && recorder.Confirmed == cut + 1, "both are back");
            Assert.Equal("x", (await Eventually.Answered(node, "ECHO", "x")).AsString());
        }

        // What a server says of a user that it does not know any more.
        await password.RemoveUserAsync();
        await Eventually.Holds(
            () => node.LastError?.Contains("AUTH was refused with WRONGPASS", StringComparison.Ordinal) is true, "refused");
        Assert.DoesNotContain("password-", node.LastError, StringComparison.Ordinal);
        await password.RotateAsync();
        Assert.Equal("x", (await AnsweredAtLast(node)).AsString());
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_login_hears_it_again()
    {
        using ServerUnderTest server = await StartAsync(Transport.Tcp);
        using RespNode administrator = await AdministratorAsync(server);
        RotatedPassword password = new(administrator, TimeSpan.FromMinutes(5));
        await password.RotateAsync();
        using RespNode node = new(server.Dialer, password.Options);
        await Eventually.Connected(node);
        Assert.Equal("RESET", (await node.SendAsync("RESET").SoonAsync()).AsString());
        Assert.StartsWith("NOAUTH", (await node.SendAsync("ECHO", "x").SoonAsync()).AsString(), StringComparison.Ordinal);
        await Eventually.Holds(() => node.Reconnects == 1, "dialed again");
        Assert.Equal("x", (await Eventually.Answered(node, "ECHO", "x")).AsString());
        Assert.Equal(2, password.Asked);
    }

    [Fact]
    public async Task The_wrong_password_at_a_renewal_leaves_the_connection_who_it_was()
    {
        using ServerUnderTest server = await StartAsync(Transport.Tcp);
        using RespNode administrator = await AdministratorAsync(server);
        RotatedPassword password = new(administrator, _life);
        await password.RotateAsync();
        using RespNode node = new(server.Dialer, password.Options);
        await Eventually.Connected(node);
        string right = password.Current;
        password.Current = "password-that-nobody-knows";
        await Eventually.Holds(
            () => node.LastError?.Contains("AUTH was refused with WRONGPASS", StringComparison.Ordinal) is true, "refused");
        Assert.Equal(RespNodeContract.User, (await node.SendAsync("ACL", "WHOAMI").SoonAsync()).AsString());
        password.Current = right;
        int asked = password.Asked;
        await Eventually.Holds(() => password.Asked > asked + 1, "renewed, and renewed again");
        Assert.DoesNotContain("nobody-knows", node.LastError, StringComparison.Ordinal);
        Assert.Equal("x", (await Eventually.Answered(node, "ECHO", "x")).AsString());
    }

    private static async Task<RespNode> AdministratorAsync(ServerUnderTest server)
    {
        RespNode node = new(server.Dialer, new RespNodeOptions { Password = RespNodeContract.Password });
        await Eventually.Connected(node);
        return node;
    }

    // A refusal at the door is told to whoever waits there.
    private static async Task<RespValue> AnsweredAtLast(RespNode node)
    {
        await Eventually.Holds(() => node.IsConnected, "connected");
        return await Eventually.Answered(node, "ECHO", "x");
    }

    private static Task<ServerUnderTest> StartAsync(Transport transport) => transport switch
    {
        Transport.Unix => new RedisOverUnixSocket().StartAsync(RespNodeContract.Password),
        Transport.Tls => new RedisOverTls().StartAsync(RespNodeContract.Password),
        _ => new RedisOverTcp().StartAsync(RespNodeContract.Password),
    };

    // The user's password: new ones come beside the old, and the old ones go.
    private sealed class RotatedPassword(RespNode administrator, TimeSpan life)
    {
        private int _number;
        private int _asked;

        public string Current { get; set; } = RespNodeContract.UserPassword;

        public int Asked => Volatile.Read(ref _asked);

        public RespNodeOptions Options => new() { Credentials = GiveAsync, MaxReconnectDelay = TimeSpan.FromMilliseconds(50) };

        // The one before it.
        public async Task<string> RotateAsync()
        {
            string old = Current;
            string next = $"password-{++_number}";
            await SetAsync("on", $">{next}", "~*", "&*", "+@all");
            Current = next;
            return old;
        }

        public Task RevokeAsync(string old) => SetAsync($"<{old}");

        public async Task RemoveUserAsync() =>
            Assert.Equal(1, (await administrator.SendAsync("ACL", "DELUSER", RespNodeContract.User)).Integer);

        private async Task SetAsync(params string[] rules) =>
            Assert.Equal("OK", (await administrator.SendAsync(["ACL", "SETUSER", RespNodeContract.User, .. rules])).AsString());

        private ValueTask<RespCredentials> GiveAsync(string node, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return ValueTask.FromResult(new RespCredentials(RespNodeContract.User, Current, TimeProvider.System.GetUtcNow() + life));
        }
    }
}
