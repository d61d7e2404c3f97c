namespace Redlock.Fast.Resp.Tests;

// Passes everything on, until the test asks to have what is written for itself.
internal sealed class HeldBackStream(Stream inner) : Stream
{
    private MemoryStream? _held;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // What the action writes, which has not gone out.
    public byte[] Hold(Action write)
    {
        _held = new MemoryStream();
        write();
        byte[] held = _held.ToArray();
        _held = null;
        return held;
    }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => ((Stream?)_held ?? inner).Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
