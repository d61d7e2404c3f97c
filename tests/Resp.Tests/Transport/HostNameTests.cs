using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp.Tests;

public sealed class HostNameTests
{
    private static readonly IPAddress _first = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress _second = IPAddress.Parse("127.0.0.2");

    // Longer than the machine could make a test wait that passes: who used up the whole limit on the first address fails.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_address_that_swallows_connections_does_not_hide_the_next(bool tls)
    {
        using FullListener dead = new(new IPEndPoint(_first, 0));
        using TestCertificates certificates = new();
        using TcpListener alive = new(_second, dead.Port);
        alive.Start();
        Dialer dialer = tls
            ? new TlsDialer(
                "node", dead.Port, new TlsDialerOptions { CertificateAuthorities = [certificates.Authority] }, _ => [_first, _second])
            : new TcpDialer("node", dead.Port, _ => [_first, _second]);

        long start = TimeProvider.System.GetTimestamp();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(_limit);
        Task<IDuplexPipe> dial = Task.Run(() => dialer.DialAsync(limit.Token).AsTask(), Token);
        using TcpClient client = await alive.AcceptTcpClientAsync(limit.Token).AsTask().SoonAsync();
        if (tls)
        {
            await using System.Net.Security.SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(certificates.Server("node"));
            Close(await dial.SoonAsync());
        }
        else
        {
            Close(await dial.SoonAsync());
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < _limit / 2, "One address used up the limit.");
    }

    [Fact]
    public async Task An_address_that_refuses_is_passed_over_at_once_and_each_refusal_is_told()
    {
        using TcpListener closed = new(_first, 0);
        closed.Start();
        int port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        TcpDialer dialer = new("node", port, _ => [_first, _second]);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => dialer.DialAsync(Token).AsTask());
        Assert.Contains("127.0.0.1: Connection refused", refused.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.2: Connection refused", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith($"node:{port}: ", refused.Message, StringComparison.Ordinal);

        using TcpListener alive = new(_second, port);
        alive.Start();
        Close(await dialer.DialAsync(Token));
    }

    [Fact]
    public async Task A_limit_too_short_for_two_addresses_reaches_the_second_at_a_later_dial()
    {
        using FullListener dead = new(new IPEndPoint(_first, 0));
        using TcpListener alive = new(_second, dead.Port);
        alive.Start();
        CancellationTokenSource? limit = null;
        TcpDialer dialer = new("node", dead.Port, _ =>
        {
            // Less than the head start of the first address.
            limit!.CancelAfter(TimeSpan.FromMilliseconds(100));
            return [_first, _second];
        });
        for (int dials = 1; ; dials++)
        {
            Assert.True(dials < 100, "The second address was never reached.");
            using CancellationTokenSource each = limit = new CancellationTokenSource();
            try
            {
                Close(await Task.Run(() => dialer.DialAsync(each.Token).AsTask(), Token).SoonAsync());
                break;
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    [Fact]
    public async Task A_dial_after_one_that_connected_begins_with_the_next_address()
    {
        using TcpListener one = new(_first, 0);
        one.Start();
        int port = ((IPEndPoint)one.LocalEndpoint).Port;
        using TcpListener two = new(_second, port);
        two.Start();
        TcpDialer dialer = new("node", port, _ => [_first, _second]);
        Close(await dialer.DialAsync(Token));
        using Socket atOne = await one.AcceptSocketAsync(Token).AsTask().SoonAsync();
        Close(await dialer.DialAsync(Token));
        using Socket atTwo = await two.AcceptSocketAsync(Token).AsTask().SoonAsync();
        Assert.False(one.Pending());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_look_up_that_hangs_is_inside_the_limit_and_holds_no_thread_of_the_node(bool tls)
    {
        using ManualResetEventSlim answer = new();
        int asked = 0;
        IPAddress[] Hang(string host)
        {
            Interlocked.Increment(ref asked);
            answer.Wait(Token);
            return [_first];
        }

        WatchedDialer dialer = new(tls ? new TlsDialer("node", 1, null, Hang) : new TcpDialer("node", 1, Hang));
        try
        {
            RespNode node = new(
                dialer,
                new RespNodeOptions
                {
                    ConnectTimeLimit = TimeSpan.FromMilliseconds(20),
                    ReconnectDelay = TimeSpan.FromMilliseconds(1),
                    MaxReconnectDelay = TimeSpan.FromMilliseconds(2),
                });

            // Each dial ends by its limit, and all of them wait for one look-up.
            await Eventually.Holds(() => dialer.Ended >= 5, "five dials came to their end");
            Assert.Equal(1, Volatile.Read(ref asked));
            node.Dispose();
            await Eventually.Holds(() => !dialer.Thread!.IsAlive, "the node's thread is gone while the look-up hangs");
        }
        finally
        {
            answer.Set();
        }
    }

    [Fact]
    public async Task A_look_up_that_answered_late_is_not_asked_again_by_who_waits_for_it_and_the_next_dial_asks_afresh()
    {
        using ManualResetEventSlim answer = new();
        using TcpListener alive = new(_first, 0);
        alive.Start();
        int asked = 0;
        TcpDialer dialer = new("node", ((IPEndPoint)alive.LocalEndpoint).Port, host =>
        {
            Assert.Equal("node", host);
            if (Interlocked.Increment(ref asked) == 1)
            {
                answer.Wait(Token);
            }

            return [_first];
        });
        using CancellationTokenSource limit = new();
        Task<IDuplexPipe> impatient = Task.Run(() => dialer.DialAsync(limit.Token).AsTask(), Token);
        await Eventually.Holds(() => Volatile.Read(ref asked) == 1, "it was asked");
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.SoonAsync());

        Task<IDuplexPipe> patient = Task.Run(() => dialer.DialAsync(Token).AsTask(), Token);
        answer.Set();
        Close(await patient.SoonAsync());
        Close(await Task.Run(() => dialer.DialAsync(Token).AsTask(), Token).SoonAsync());
        Assert.InRange(Volatile.Read(ref asked), 2, 3);
    }

    [Fact]
    public async Task A_node_follows_its_name_while_the_old_server_dies()
    {
        await using MovingServer old = new(_first, 0);
        await using MovingServer @new = new(_second, old.Port);
        IPAddress[] known = [_first];
        await using RespNode node = new(
            new TcpDialer("node", old.Port, _ => Volatile.Read(ref known)),
            new RespNodeOptions
            {
                ClientName = null,
                ReconnectDelay = TimeSpan.FromMilliseconds(1),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(10),
            });
        await Eventually.Connected(node);
        Assert.Equal(1, old.Accepted);

        Volatile.Write(ref known, [_second]);
        await old.DisposeAsync();
        await Eventually.Answered(node, "PING");
        Assert.Equal(1, @new.Accepted);
    }

    [Fact]
    public async Task A_look_up_sees_nothing_of_whoever_made_the_node()
    {
        AsyncLocal<string?> flow = new() { Value = "maker" };
        TaskCompletionSource<string?> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RespNode node = new(new TcpDialer("node", 1, _ =>
        {
            seen.TrySetResult(flow.Value ?? "nothing");
            return [_first];
        }));
        Assert.Equal("nothing", await seen.Task.SoonAsync());
        Assert.Equal("maker", flow.Value);
    }

    private static void Close(IDuplexPipe pipe) => ((IDisposable)pipe).Dispose();

    private sealed class WatchedDialer(Dialer inner) : Dialer
    {
        private int _ended;

        public override string Address => inner.Address;

        public int Ended => Volatile.Read(ref _ended);

        public Thread? Thread { get; private set; }

        public override async ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken)
        {
            Thread = Thread.CurrentThread;
            try
            {
                return await inner.DialAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Increment(ref _ended);
            }
        }
    }
}
