using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Opens the transport to one Redis node: any duplex pipe that carries RESP bytes.</summary>
/// <remarks>
/// A <see cref="RespNode"/> dials on a thread of its own, one dial at a time, and again after each loss; a dialer keeps no connection.
/// The node closes a pipe by disposing it if it is disposable, else by completing both of its ends.
/// </remarks>
public abstract class Dialer
{
    /// <summary>
    /// Where it dials, without credentials: for errors, logs and comparison. A node escapes in its own name what is not printable in it.
    /// </summary>
    public abstract string Address { get; }

    /// <summary>Opens one new transport, resolving names afresh.</summary>
    /// <param name="cancellationToken">Ends the dial early, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>An open pipe that the caller owns.</returns>
    /// <exception cref="Exception">
    /// The transport could not be opened. Of any exception the node keeps the text as its last error; it must hold no credentials.
    /// </exception>
    /// <remarks>May block the calling thread, which is the node's own.</remarks>
    public abstract ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What a dial that takes too long still waits for, if there is anything to say: a sentence that begins with a space.
    /// </summary>
    internal virtual string WhatIsMissing => string.Empty;

    /// <summary>Call it for a transport of your own: makes a dialer of one function that gives an <see cref="IDuplexPipe"/>.</summary>
    /// <param name="address">What errors and logs call the node; no credentials.</param>
    /// <param name="dial">Opens one new pipe a call.</param>
    /// <example>
    /// <code>
    /// Dialer dialer = Dialer.From("my-tunnel", async token =&gt; new StreamDuplexPipe(await OpenStreamAsync(token)));
    /// using RespNode node = new(dialer);
    /// </code>
    /// </example>
    public static Dialer From(string address, Func<CancellationToken, ValueTask<IDuplexPipe>> dial)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        ArgumentNullException.ThrowIfNull(dial);
        return new FunctionDialer(address, dial);
    }

    /// <summary>The address.</summary>
    public override string ToString() => Address;

    private sealed class FunctionDialer(string address, Func<CancellationToken, ValueTask<IDuplexPipe>> dial) : Dialer
    {
        public override string Address { get; } = PrintableText.Of(address);

        public override ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellationToken) => dial(cancellationToken);
    }
}
