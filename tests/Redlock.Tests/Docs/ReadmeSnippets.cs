using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipelines.Sockets.Unofficial;
using Redlock.Fast;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>The programs of the README and of the pages in docs. What stands between a region's marks stands there word for word.</summary>
internal static class ReadmeSnippets
{
    public static async Task LockAsync()
    {
        #region lock
        await using RedlockFactory locks = RedlockFactory.Create("localhost:6379");
        RedlockMutex mutex = locks.CreateMutex("invoice:4711", MutexOptions.Blocking with { Expiry = TimeSpan.FromSeconds(10) });

        await using (LockHandle held = await mutex.LockAsync())
        {
            Console.WriteLine($"Nobody else has {mutex.Name} for the next {held.Remaining.TotalSeconds:0.0} s.");
        }
        #endregion
    }

    public static async Task StatusesAsync(RedlockFactory locks, RedlockMutex mutex, CancellationToken cancellationToken)
    {
        #region statuses
        NodeOutcome[] outcomes = new NodeOutcome[locks.Nodes.Count];
        LockResult result = await mutex.TryLockAsync(outcomes, cancellationToken);
        switch (result.Status)
        {
            case LockStatus.Acquired:
                ExtendResult longer = await mutex.ExtendAsync(result.Token, cancellationToken);
                await mutex.UnlockAsync(longer.IsExtended ? longer.Token : result.Token, cancellationToken);
                break;
            case LockStatus.Contended:
                Console.WriteLine($"{mutex.Name} is somebody else's.");
                break;
            case LockStatus.Unavailable:
                Console.WriteLine(string.Join('\n', outcomes));
                break;
        }
        #endregion
    }

    public static async Task RenewAsync(RedlockFactory locks, Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        Task WriteReportAsync(CancellationToken lost) => write(lost);

        #region renew
        RenewOptions renew = RenewOptions.Every(1.0 / 3, TimeSpan.FromMinutes(10));
        RedlockMutex mutex = locks.CreateMutex("report", MutexOptions.Blocking with { Renew = renew });

        await using LockHandle held = await mutex.LockAsync(cancellationToken);
        await WriteReportAsync(held.Lost);
        #endregion
    }

    public static async Task FenceAsync(RedlockFactory locks, Func<string, long, Task<int>> update, CancellationToken cancellationToken)
    {
        Task<int> UpdateAsync(string text, long token) => update(text, token);

        #region fencing
        RedlockMutex mutex = locks.CreateMutex("account:4711", MutexOptions.Blocking with { Fenced = true });

        await using LockHandle held = await mutex.LockAsync(cancellationToken);
        const string Text = "UPDATE account SET balance = @balance, token = @token WHERE id = 4711 AND token <= @token";
        if (await UpdateAsync(Text, held.FencingToken) == 0)
        {
            throw new InvalidOperationException("Somebody has held the lock since: read again, and begin anew.");
        }
        #endregion
    }

    public static async Task HandOverAsync(RedlockMutex mutex, Func<int, CancellationToken, Task> change, CancellationToken stopped)
    {
        Task ChangeAsync(int amount, CancellationToken lost) => change(amount, lost);
        Task DepositAsync(LockHandle held) => ChangeAsync(100, held.Lost);

        #region notreentrant
        async Task TransferAsync(CancellationToken cancellationToken)
        {
            await using LockHandle held = await mutex.LockAsync(cancellationToken);
            await WithdrawAsync(held);
            await DepositAsync(held);
        }

        async Task WithdrawAsync(LockHandle held)
        {
            if (!held.IsHeld)
            {
                throw new InvalidOperationException("The caller's lock is over.");
            }

            await ChangeAsync(-100, held.Lost);
        }
        #endregion

        await TransferAsync(stopped);
    }

    public static void Host(IServiceCollection services, IConfiguration configuration)
    {
        #region host
        services.AddRedlock(configuration.GetSection("Redlock"));
        services.AddHealthChecks().AddRedlock();
        #endregion
    }

    public static async Task DialersAsync(
        X509Certificate2Collection ownAuthorities,
        X509Certificate2 certificate,
        string password,
        Func<CancellationToken, ValueTask<IDuplexPipe>> open)
    {
        ValueTask<IDuplexPipe> OpenDuplexPipeAsync(CancellationToken token) => open(token);

        #region dialers
        TlsDialerOptions trust = new() { CertificateAuthorities = ownAuthorities, ClientCertificate = certificate };
        RespNodeOptions login = new() { User = "locks", Password = password };

        await using RespNode overTls = new(new TlsDialer("redis-1", 6380, trust), login);
        await using RespNode overUnix = new(new UnixDialer("/run/redis.sock"), login);
        await using RespNode overAnyPipe = new(Dialer.From("my-transport", token => OpenDuplexPipeAsync(token)), login);
        await using RedlockFactory locks = new(overTls, overUnix, overAnyPipe);
        #endregion
    }

    public static async Task PipelinesAsync()
    {
        #region pipelines
        Dialer dialer = Dialer.From("redis-1:6379", async _ => await SocketConnection.ConnectAsync(new DnsEndPoint("redis-1", 6379)));
        #endregion
        await using RespNode node = new(dialer);
    }
}
