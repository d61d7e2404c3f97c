using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Amazon.Runtime;
using Azure.Core;
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
        LockResult result = await mutex.TryLockAsync(cancellationToken);
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
                Console.WriteLine(result);   // a line for what each node said
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

    public static async Task CredentialsAsync(Func<string, CancellationToken, Task<string>> read, TimeProvider time)
    {
        Task<string> ReadSecretAsync(string name, CancellationToken token) => read(name, token);

        #region credentials
        RespNodeOptions rotated = new()
        {
            Credentials = async (node, token) =>
            {
                string password = await ReadSecretAsync($"redis/{node}", token);
                return new RespCredentials("locks", password, time.GetUtcNow() + TimeSpan.FromHours(1));
            },
        };
        await using RedlockFactory locks = RedlockFactory.Create(new RedlockOptions { Node = rotated }, "redis-1", "redis-2", "redis-3");
        #endregion
    }

    public static void HostWithCredentials(IServiceCollection services, IConfiguration configuration)
    {
        #region credentials-in-a-host
        services.AddRedlock(configuration.GetSection("Redlock"));
        services.AddOptions<RedlockServiceOptions>().Configure<ISecretStore>((options, secrets) =>
            options.ConfigureNodes(node => node with { Credentials = secrets.LoginAsync }));
        #endregion
    }

    #region entra
    public static RespNodeOptions WithEntra(TokenCredential credential, string objectId) => new()
    {
        Credentials = async (_, token) =>
        {
            AccessToken access = await credential.GetTokenAsync(new TokenRequestContext(["https://redis.azure.com/.default"]), token);
            return new RespCredentials(objectId, access.Token, access.ExpiresOn);
        },
    };
    #endregion

    #region iam
    public static RespNodeOptions WithIam(AWSCredentials source, string cache, string user, string region, TimeProvider time) => new()
    {
        Credentials = async (_, _) =>
        {
            ImmutableCredentials keys = await source.GetCredentialsAsync();
            string token = Sign(keys, cache, user, region, time.GetUtcNow());
            return new RespCredentials(user, token, time.GetUtcNow() + TimeSpan.FromHours(11));
        },
    };

    public static string Sign(ImmutableCredentials keys, string cache, string user, string region, DateTimeOffset now)
    {
        string moment = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{moment[..8]}/{region}/elasticache/aws4_request";
        string session = keys.UseToken ? $"&X-Amz-Security-Token={Uri.EscapeDataString(keys.Token)}" : "";
        string query = $"Action=connect&User={Uri.EscapeDataString(user)}&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + $"&X-Amz-Credential={Uri.EscapeDataString($"{keys.AccessKey}/{scope}")}&X-Amz-Date={moment}&X-Amz-Expires=900{session}"
            + "&X-Amz-SignedHeaders=host";
        string request = $"GET\n/\n{query}\nhost:{cache}\n\nhost\n{Hash("")}";
        string signed = $"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{Hash(request)}";
        byte[] key = Encoding.UTF8.GetBytes($"AWS4{keys.SecretKey}");
        foreach (string part in (string[])[.. scope.Split('/'), signed])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return $"{cache}/?{query}&X-Amz-Signature={Convert.ToHexStringLower(key)}";
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    #endregion

    public static RespNodeOptions OfEntra(TokenCredential credential) => WithEntra(credential, "object-id");

    public static RespNodeOptions OfIam(AWSCredentials source, TimeProvider time) =>
        WithIam(source, "locks-cache", "worker", "eu-west-1", time);
}
