// Scripts, a list in JSON, become what the compiler of Groovy reads in each, or why it refuses it. Nothing in them is run.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilePhase

def expression
def statements = { Statement body -> body instanceof BlockStatement ? body.statements : [body] }
def statement = { Statement one ->
  one instanceof ExpressionStatement || one instanceof ReturnStatement ? expression(one.expression) : [code: one.text]
}
expression = { Expression one ->
  switch (one) {
    case MethodCallExpression:
      def name = one.implicitThis ? one.methodAsString : "${one.objectExpression.text}.${one.methodAsString}".toString()
      def values = one.arguments.expressions
      def body = values && values.last() instanceof ClosureExpression ? values.last() : null
      def call = [call: name, line: one.lineNumber, values: (body ? values.init() : values).collect(expression)]
      return body ? call + [body: statements(body.code).collect(statement)] : call
    case ConstantExpression: return one.value
    case VariableExpression: return [name: one.name]
    case MapExpression: return [map: one.mapEntryExpressions.collectEntries { [(it.keyExpression.text): expression(it.valueExpression)] }]
    case BinaryExpression:
      return one.operation.text == '=' ? [set: one.leftExpression.text, line: one.lineNumber, to: expression(one.rightExpression)] : [code: one.text]
    default: return [code: one.text]
  }
}

println JsonOutput.toJson(new JsonSlurper().parse(System.in, 'UTF-8').collect { text ->
  try {
    def block = new AstBuilder().buildFromString(CompilePhase.CONVERSION, true, text)[0]
    [script: block.statements.collect(statement)]
  } catch (CompilationFailedException refused) {
    [wrong: refused.message]
  }
})
