using System.IO.Pipelines;

namespace Posthouse.Tests.Mesh.Hosting;

/// <summary>Two streams, each of which reads what is written to the other.</summary>
internal sealed class DuplexPipe(Stream reads, Stream writes) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static (Stream Near, Stream Far) Pair()
    {
        var (one, other) = (new Pipe(), new Pipe());
        return (new DuplexPipe(one.Reader.AsStream(), other.Writer.AsStream()), new DuplexPipe(other.Reader.AsStream(), one.Writer.AsStream()));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => reads.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await writes.WriteAsync(buffer, cancellationToken);
        await writes.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        // Every write is flushed.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reads.Dispose();
            writes.Dispose();
        }

        base.Dispose(disposing);
    }
}
