using System.Text;
using System.Text.Json;
using Microsoft.VisualBasic.FileIO;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using JsonContent = Posthouse.Ivxp.Protocol.Messages.JsonContent; // Web projects import another of this name.

namespace CsvReports;

/// <summary>
/// What is sold: the buyer sends a CSV file as the description, the report says what is in its columns. The same file gives the
/// same report, so that it does no harm when a crash makes the work begin again.
/// </summary>
public sealed class CsvReport : IServiceHandler
{
    public Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken)
    {
        var rows = Read(work.Description);
        if (rows.Count < 2)
            // Trying again would not help: the order ends as delivery_failed, and the operator sees why.
            throw new ServiceFailedException("The file needs a line of names and at least one line of values.", isFinal: true);
        var columns = rows[0].Select((name, at) => Column.Of(name, rows.Skip(1).Select(row => at < row.Length ? row[at] : ""))).ToList();
        return Task.FromResult(new Deliverable(work.ServiceType, Content(rows.Count - 1, columns), "markdown"));
    }

    private static List<string[]> Read(string text)
    {
        using var parser = new TextFieldParser(new StringReader(text)) { Delimiters = [","], HasFieldsEnclosedInQuotes = true };
        var rows = new List<string[]>();
        try
        {
            while (parser.ReadFields() is { } fields)
                rows.Add(fields);
            return rows;
        }
        catch (MalformedLineException e)
        {
            throw new ServiceFailedException($"Line {e.LineNumber} of the file is no CSV.", isFinal: true);
        }
    }

    // An object with title, body and sources is what every kind of client shows well and hashes alike.
    private static JsonContent Content(int rows, List<Column> columns)
    {
        var body = new StringBuilder($"{rows} rows, {columns.Count} columns.\n\n| column | values | empty | different | smallest | largest | mean |\n|---|---|---|---|---|---|---|\n");
        columns.ForEach(column => body.Append(column.Line()));
        return JsonContent.Parse(JsonSerializer.SerializeToUtf8Bytes(new { title = "What the file holds", body = body.ToString(), sources = Array.Empty<string>() }));
    }
}
