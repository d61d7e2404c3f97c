using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Opens the pipe to one node, anew each time it is asked.</summary>
public abstract class Dialer
{
    /// <summary>Where it dials, without credentials: for logs, errors and comparison.</summary>
    public abstract string Address { get; }

    /// <summary>Opens a pipe to the node, or throws.</summary>
    /// <param name="cancellationToken">Ends the attempt; the half-open pipe is closed.</param>
    /// <returns>A pipe of the caller's: closed by disposing it if it is (async-)disposable, else by completing both ends.</returns>
    /// <remarks>Called on a thread of the node's own, which it may block.</remarks>
    public abstract ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken);

    /// <summary><see cref="Address"/>.</summary>
    public override string ToString() => Address;
}
