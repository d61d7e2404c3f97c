using System.Net;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>A mutex whose nodes are dialed through Pipelines.Sockets.Unofficial, made once for each set of endpoints.</summary>
internal static class PipelinesSocketsMutex
{
    private static readonly Dictionary<string, RedlockMutex> _mutexes = [];

    public static RedlockMutex Over(string[] endpoints, MutexOptions options)
    {
        string key = string.Join(',', endpoints);
        if (!_mutexes.TryGetValue(key, out RedlockMutex? mutex))
        {
            RedlockFactory factory = new(endpoints.Select(Connect));
            factory.WaitUntilConnectedAsync().GetAwaiter().GetResult();
            _mutexes[key] = mutex = factory.CreateMutex("socks-cycle-name", options);
        }

        return mutex;
    }

    private static RespNode Connect(string endpoint)
    {
        // It dials TCP only; over Unix sockets the variant shows the built-in dialer.
        return IPEndPoint.TryParse(endpoint, out IPEndPoint? address)
            ? new RespNode(new PipelinesSocketsDialer(address.Address.ToString(), address.Port))
            : RespNode.Connect(endpoint);
    }
}
