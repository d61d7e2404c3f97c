using System.Net;
using System.Runtime.ExceptionServices;

namespace Redlock.Fast.Resp;

/// <summary>Asks for the addresses of one host name, and leaves when told to: the system's own call can't be ended.</summary>
/// <remarks>A call that hangs has a thread of its own, one at most; whoever asks meanwhile waits for the same answer.</remarks>
/// <param name="host">A name; no address.</param>
/// <param name="resolve">Blocks until the addresses are known; <see cref="Dns.GetHostAddresses(string)"/> outside of tests.</param>
internal sealed class HostLookup(string host, Func<string, IPAddress[]> resolve)
{
    private readonly Gate _gate = new();
    private Call? _pending;

    /// <exception cref="OperationCanceledException">It was cancelled first.</exception>
    public IPAddress[] Find(CancellationToken cancellationToken)
    {
        Call call = Join();
        call.Ended.Wait(cancellationToken);
        call.Failure?.Throw();
        return call.Addresses;
    }

    private Call Join()
    {
        using (_gate.Enter())
        {
            if (_pending is { } pending)
            {
                return pending;
            }

            Call call = new();
            NodeThread.Start(() => Run(call), $"look-up of {PrintableText.OfName(host)}");
            _pending = call;
            return call;
        }
    }

    private void Run(Call call)
    {
        try
        {
            call.Addresses = resolve(host);
        }
        catch (Exception failure)
        {
            call.Failure = ExceptionDispatchInfo.Capture(failure);
        }

        // Before anybody hears of it: the next dial asks afresh.
        using (_gate.Enter())
        {
            _pending = null;
        }

        call.Ended.Set();
    }

    private sealed class Call
    {
        // Not disposed: whoever was told to leave may still look at it.
        public ManualResetEventSlim Ended { get; } = new();

        public IPAddress[] Addresses { get; set; } = [];

        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
