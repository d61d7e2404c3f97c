namespace Redlock.Fast.Resp;

/// <summary>A peer sent what the protocol does not allow at this place; its connection can't be used any more.</summary>
public sealed class RespProtocolException : IOException
{
    /// <summary>Makes the exception.</summary>
    public RespProtocolException()
        : this("The peer broke the RESP protocol.")
    {
    }

    /// <summary>Makes the exception with a message, such as <see cref="RespReader.Fault"/>, that shows what came.</summary>
    /// <param name="message">What was expected, on which node, and what came.</param>
    public RespProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    /// <param name="message">What was expected, on which node, and what came.</param>
    /// <param name="innerException">What led to it.</param>
    public RespProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception with an excerpt of what came behind the message, escaped and cut to a line.</summary>
    /// <param name="message">What was expected, on which node.</param>
    /// <param name="received">What came instead; never the text of an error that may repeat a password.</param>
    public RespProtocolException(string message, ReadOnlySpan<byte> received)
        : this($"{message} {RespExcerpt.Of(received)}")
    {
    }
}
