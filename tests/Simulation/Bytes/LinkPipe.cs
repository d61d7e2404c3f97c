using System.IO.Pipelines;

namespace Redlock.Fast.Simulation;

/// <summary>The client's end of a link; it is closed by completing both of its ends.</summary>
internal class LinkPipe(ByteLink link) : IDuplexPipe
{
    public ByteLink Link => link;

    public PipeReader Input => link.Input;

    public PipeWriter Output => link.Output;
}

/// <summary>The client's end of a link, closed by disposal as a socket is.</summary>
internal sealed class DisposableLinkPipe(ByteLink link) : LinkPipe(link), IDisposable
{
    public void Dispose() => Link.Close();
}
