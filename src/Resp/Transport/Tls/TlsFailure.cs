namespace Redlock.Fast.Resp;

/// <summary>What went wrong within one TLS session, in words for people.</summary>
/// <param name="showsCertificate">Whether a client certificate was shown to the node.</param>
internal sealed class TlsFailure(bool showsCertificate)
{
    private volatile bool _hasRead;

    /// <summary>Told of each read.</summary>
    /// <param name="count">How many bytes have come; one proves that the node has accepted this client.</param>
    /// <exception cref="IOException">The node ended the session before it said anything in it.</exception>
    public void NoteRead(int count)
    {
        if (count == 0 && !_hasRead)
        {
            throw new IOException($"the node ended the TLS session before it answered anything.{Hint}");
        }

        _hasRead = true;
    }

    /// <summary>A read or a write failed.</summary>
    public IOException Explain(IOException failure)
    {
        string cause = failure.GetBaseException().Message.TrimEnd('.');
        string when = _hasRead ? $": {cause}." : $" before the node answered anything: {cause}.{Hint}";
        return new IOException($"the TLS session failed{when}", failure);
    }

    // With TLS 1.3 a client's handshake is over before the node has looked at its certificate; what the node says then may be lost with the
    // connection.
    private string Hint => showsCertificate
        ? " Check that the node accepts the client certificate that is shown: its authority, its dates, its use."
        : " A node that wants a client certificate does so; set TlsDialerOptions.ClientCertificate, or 'tls-auth-clients no' on the "
            + "server.";
}
